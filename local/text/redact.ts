const CUT = '[token]';

/** Patterns in the order of their replacement, with the replacements. Each pattern is linear: none has nested or adjacent repetitions of one class. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // an `Authorization` header, as a plain string, as JSON or as JSON in a string
  [
    /(\bauthorization\\?["']?\s*[:=]\s*\[?\s*\\?["']?)((?:bearer|basic|digest|token)\s+)?[^\s"'\\,\]}[]+/gi,
    `$1$2${CUT}`,
  ],
  [/\b(bearer)\s+[\w.~+/=-]{16,}/gi, `$1 ${CUT}`],
  // the subprotocol that carries a token or a visitor's secret
  [/\b(bearer\.)[\w-]{16,}/gi, `$1${CUT}`],
  // JSON Web Tokens, signed or encrypted, and such a token in base64
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*){1,3}/g, CUT],
  [/\bZXlK[\w+/-]{20,}={0,2}/g, CUT],
  // values by name, in a query, a form, JSON or a field of a log line
  [
    /\b((?:access|auth|id|refresh|session)?[_-]?(?:token|ticket)\\?["']?\s*[=:]\s*\\?["']?)[\w.~+/%=-]{8,}/gi,
    `$1${CUT}`,
  ],
  // the secret parts of a signature or a presigned URL
  [/\b((?:X-Amz-)?(?:Signature|Security-Token|Credential)=)[^&\s"',]+/gi, '$1[…]'],
];

/** Removes tokens, secrets and signatures from a string of any origin. */
export function redact(text: string): string {
  return RULES.reduce((cut, [pattern, replacement]) => cut.replace(pattern, replacement), text);
}
