const CUT = '[redacted]';

/** Patterns of secrets with their replacements. Repetitions are bounded, so that each pattern takes linear time. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // a JSON Web Token
  [/eyJ[\w-]{8,4096}\.[\w-]{1,4096}(?:\.[\w-]{0,4096})?/g, CUT],
  [/\b(bearer|basic)\s{1,8}[\w.~+/=-]{8,4096}/gi, `$1 ${CUT}`],
  // values by name, in a query, a form, JSON or a sentence
  [
    /((?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|credential|authorization|signature)s?\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?)[^\s"'\\,;&})\]]{1,4096}/gi,
    `$1${CUT}`,
  ],
  // the password of a URL
  [/(:\/\/[^\s/:@]{1,256}:)[^\s/@]{1,256}@/g, `$1${CUT}@`],
  // an access key id of AWS
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, CUT],
];

/** Removes secrets, which it recognizes by their form, from a string of any origin. */
export const redact = (from: string): string =>
  RULES.reduce((cut, [pattern, replacement]) => cut.replace(pattern, replacement), from);
