/** Rules for a password, from `GenerateSecretString` of a template or from a GetRandomPassword request. */
export interface PasswordRules {
  /** Characters that the password must not contain. */
  readonly excludeCharacters?: string;
  readonly excludeLowercase?: boolean;
  readonly excludeUppercase?: boolean;
  readonly excludeNumbers?: boolean;
  readonly excludePunctuation?: boolean;
  readonly includeSpace?: boolean;
  /** Length of the password, from 1 to 4096. @default 32 */
  readonly length?: number;
  /** Whether the password contains at least one character of each kind that is not excluded. @default true */
  readonly requireEachIncludedType?: boolean;
}

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
/** Punctuation characters (GetRandomPassword, ExcludePunctuation). */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * Creates a random password.
 *
 * @param pick returns a random integer from 0 to its argument minus 1
 * @throws RangeError if all characters are excluded, or if there are more required kinds than characters
 */
export function generatePassword(rules: PasswordRules, pick: (below: number) => number): string {
  const { length = 32, requireEachIncludedType = true } = rules;
  const kinds = kindsOf(rules);
  const all = kinds.join('');
  if (all === '' || length < 1 || length > 4096)
    throw new RangeError('the rules of the generated secret allow no password');
  const required = requireEachIncludedType ? kinds : [];
  if (required.length > length) throw new RangeError(`a password of ${length} cannot have ${required.length} kinds`);
  const characters = Array.from({ length }, (_, i) => one(required[i] ?? all, pick));
  return shuffle(characters, pick).join('');
}

function kindsOf(rules: PasswordRules): string[] {
  const kinds = [
    rules.excludeLowercase ? '' : LOWERCASE,
    rules.excludeUppercase ? '' : LOWERCASE.toUpperCase(),
    rules.excludeNumbers ? '' : '0123456789',
    rules.excludePunctuation ? '' : PUNCTUATION,
    rules.includeSpace ? ' ' : '',
  ];
  const excluded = new Set(rules.excludeCharacters ?? '');
  return kinds.map((kind) => [...kind].filter((character) => !excluded.has(character)).join('')).filter(Boolean);
}

const one = (characters: string, pick: (below: number) => number): string => characters[pick(characters.length)] ?? '';

function shuffle(values: string[], pick: (below: number) => number): string[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = pick(last + 1);
    [values[last], values[other]] = [values[other] ?? '', values[last] ?? ''];
  }
  return values;
}
