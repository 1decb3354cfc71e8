/** Numbers of repetitions to attempt in turn, because the assertions of a pattern may require a certain length. */
const REPETITIONS = [1, 2, 3, 4, 6, 8, 12];

/**
 * Builds a string that matches a regular expression. It reads the characters, classes, groups, alternatives and
 * repetitions of the expression.
 *
 * @returns undefined if the string does not match, for example because of a lookahead
 */
export function matching(source: string): string | undefined {
  for (const repetitions of REPETITIONS) {
    const text = new PatternReader(source, repetitions).alternatives();
    if (matches(source, text)) return text;
  }
  return undefined;
}

/** Whether a pattern matches a string. The pattern may need the flag `u`. */
export function matches(source: string, text: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(source, flags).test(text);
    } catch {
      return false;
    }
  });
}

/** Characters that escapes represent. */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '', B: '' };
/** Candidates for a character of a class. The first one that the class contains is used. */
const LIKELY = [...'aA10-_. @', ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))];

/** Returns a character that a class contains. */
const memberOf = (source: string): string => LIKELY.find((character) => matches(`^${source}$`, character)) ?? '';

/** Reads a pattern from left to right. It uses the first alternative of each group. */
class PatternReader {
  private at = 0;

  public constructor(
    private readonly source: string,
    private readonly repetitions: number,
  ) {}

  public alternatives(): string {
    let first: string | undefined;
    do {
      const text = this.sequence();
      first ??= text;
    } while (this.take('|'));
    return first ?? '';
  }

  private sequence(): string {
    let text = '';
    while (this.at < this.source.length && !'|)'.includes(this.peek)) {
      const part = this.part();
      text += part.repeat(this.count(part));
    }
    return text;
  }

  private part(): string {
    const character = this.next();
    if (character === '(') return this.group();
    if (character === '[') return this.characterClass();
    if (character === '\\') return this.escape();
    if (character === '.') return 'a';
    return '^$'.includes(character) ? '' : character;
  }

  private group(): string {
    const [prefix = ''] = /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(this.rest) ?? [];
    this.at += prefix.length;
    const text = this.alternatives();
    this.take(')');
    return /[=!]$/.test(prefix) ? '' : text;
  }

  private characterClass(): string {
    const [whole = ''] = /^(?:\\.|[^\]\\])*\]/s.exec(this.rest) ?? [];
    this.at += whole.length;
    return memberOf(`[${whole}`);
  }

  private escape(): string {
    const [whole = ''] = /^(?:u\{[^}]*\}|u.{4}|x..|[pP]\{[^}]*\}|.)/.exec(this.rest) ?? [];
    this.at += whole.length;
    return /^(?:[dws]$|[pux])/i.test(whole) ? memberOf(`\\${whole}`) : (ESCAPES[whole] ?? whole);
  }

  private count(part: string): number {
    const [quantifier, symbol, min, comma, max] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(this.rest) ?? [];
    if (quantifier === undefined) return 1;
    this.at += quantifier.length;
    if (part === '' || symbol === '?') return 1;
    if (symbol !== undefined) return this.repetitions;
    if (comma === '') return Number(min);
    return Math.min(Math.max(Number(min), this.repetitions), max ? Number(max) : Number.POSITIVE_INFINITY);
  }

  private get rest(): string {
    return this.source.slice(this.at);
  }

  private get peek(): string {
    return this.source[this.at] ?? '';
  }

  private next(): string {
    this.at += 1;
    return this.source[this.at - 1] ?? '';
  }

  private take(character: string): boolean {
    if (this.peek !== character) return false;
    this.at += 1;
    return true;
  }
}
