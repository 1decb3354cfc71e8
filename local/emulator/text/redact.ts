const CUT = '[token]';

/**
 * Patterns and their replacements, in order. Each pattern takes linear time: either its repetitions are limited, or the
 * search continues after the characters that a failed match has read.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // an `Authorization` header in a string, in JSON, or in JSON inside a string
  [
    /(authorization\\?["']?\s{0,32}[:=]\s{0,32}(?:\[\s{0,32})?\\?["']?)((?:bearer|basic|digest|token)\s{1,32})?[^\s"'\\,\]}[]+/gi,
    `$1$2${CUT}`,
  ],
  [/(bearer)\s{1,32}[\w.~+/=-]{16,}/gi, `$1 ${CUT}`],
  // the subprotocol that contains a token or a visitor's secret
  [/(bearer\.)[\w-]{16,}/gi, `$1${CUT}`],
  // a JSON Web Token in base64
  [/ZXlK[\w+/-]{20,}={0,2}/g, CUT],
  // values with certain names, in a query, a form, JSON or a field of a log line
  [
    /(?<![a-z])((?:access|auth|id|refresh|session)?[_-]?(?:token|ticket)\\?["']?\s{0,32}[=:]\s{0,32}\\?["']?)[\w.~+/%=-]{8,}/gi,
    `$1${CUT}`,
  ],
  // the secret parts of a signature or a presigned URL
  [/((?:X-Amz-)?(?:Signature|Security-Token|Credential)=)[^&\s"',]+/gi, '$1[…]'],
];

/** Removes tokens, secrets and signatures from any string. The time is linear in the string's length. */
export function redact(text: string): string {
  return RULES.reduce((cut, [pattern, replacement]) => cut.replace(pattern, replacement), withoutWebTokens(text));
}

/** First characters of a JSON object in base64url: `{"`. */
const OPENING = 'eyJ';
const MIN_HEADER = 11;
const PART_CHARS = /[\w-]+/g;
/**
 * Parts of a JSON Web Token after its header. The dots may be escaped as in a URL. A truncated token has fewer parts.
 */
const FURTHER_PARTS = /(?:\.|%2E)[\w-]+(?:(?:\.|%2E)[\w-]*){0,3}/iy;

/**
 * Removes signed or encrypted JSON Web Tokens. It scans word by word, because a single pattern would start again at
 * each `eyJ` of a long word.
 */
function withoutWebTokens(text: string): string {
  if (!text.includes(OPENING)) return text;
  const kept: string[] = [];
  let from = 0;
  PART_CHARS.lastIndex = 0;
  for (let word = PART_CHARS.exec(text); word; word = PART_CHARS.exec(text)) {
    const at = word[0].indexOf(OPENING);
    if (at < 0 || word[0].length - at < MIN_HEADER) continue;
    FURTHER_PARTS.lastIndex = PART_CHARS.lastIndex;
    if (!FURTHER_PARTS.test(text)) continue;
    kept.push(text.slice(from, word.index + at), CUT);
    from = FURTHER_PARTS.lastIndex;
    PART_CHARS.lastIndex = from;
  }
  return kept.join('') + text.slice(from);
}
