/** Returns the beginning of a frame without its type, because the console shows the type separately. */
export function preview(text: string): string {
  return text.slice(0, 300).replace(/^\{"type":"[\w.]+",?/, '{');
}

/** Returns the type of a frame and the code of the error that it contains, such as `error INVALID_INPUT`. */
export function titleOf(text: string): string {
  const type = /"type"\s*:\s*"([\w.]+)"/.exec(text)?.[1] ?? 'text';
  const code = type === 'error' ? /"error"\s*:\s*\{\s*"code"\s*:\s*"(\w+)"/.exec(text)?.[1] : undefined;
  return code === undefined ? type : `${type} ${code}`;
}
