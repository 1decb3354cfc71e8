/** Matches white space and one JSON token: punctuation, string, number or word. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a JSON string must not contain control characters
  /[\t\n\r ]*(?:([[\]{}:,])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)))/y;

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or ]' | ', or }' | 'end';

const WORDS: Record<Expected, string> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  name: 'a name in double quotes',
  'name or }': 'a name in double quotes or }',
  ':': 'a colon',
  ', or ]': 'a comma or ]',
  ', or }': 'a comma or }',
  end: 'nothing more',
};

/**
 * Finds the first error in a JSON string, such as `line 2, column 5: expected a comma or }`. Returns undefined for
 * valid JSON. The page needs its own messages, because the messages of browsers differ.
 */
export function jsonProblem(text: string): string | undefined {
  const stack: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) break;
    const next = follow(expected, match[1] ?? (match[2] === undefined ? 'scalar' : 'string'), stack);
    if (next === undefined) break;
    expected = next;
    at = TOKEN.lastIndex;
  }
  const rest = text.slice(at);
  const gap = rest.length - rest.trimStart().length;
  if (expected === 'end' && gap === rest.length) return undefined;
  return `not JSON at ${place(text, at + gap)}: expected ${WORDS[expected]}`;
}

/** Returns the tokens that are allowed after a token, or undefined if the token itself is not allowed. */
function follow(expected: Expected, token: string, stack: ('{' | '[')[]): Expected | undefined {
  const afterValue = (): Expected => (stack.length === 0 ? 'end' : stack.at(-1) === '{' ? ', or }' : ', or ]');
  const takesValue = expected === 'value' || expected === 'value or ]';
  if (token === '{' || token === '[') {
    if (!takesValue) return undefined;
    stack.push(token);
    return token === '{' ? 'name or }' : 'value or ]';
  }
  if ((token === '}' || token === ']') && expected.endsWith(` or ${token}`)) {
    stack.pop();
    return afterValue();
  }
  if (token === ',' && expected.startsWith(',')) return stack.at(-1) === '{' ? 'name' : 'value';
  if (token === ':' && expected === ':') return 'value';
  if (token === 'string' && expected.startsWith('name')) return ':';
  return takesValue && (token === 'string' || token === 'scalar') ? afterValue() : undefined;
}

function place(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
