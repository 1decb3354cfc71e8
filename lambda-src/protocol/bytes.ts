const encoder = new TextEncoder();

/** Whether `text` takes more than `limit` bytes in UTF-8; encodes it only when its length does not tell. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && encoder.encode(text).length > limit;
}
