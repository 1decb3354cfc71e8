const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Encodes bytes as base64url without padding. `btoa` is not used, because not every platform has it. */
export function base64url(bytes: ArrayLike<number>): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]] as number[];
    const bits = (a << 16) | (b << 8) | c;
    const chars = Math.min(3, bytes.length - i) + 1;
    for (let j = 0; j < chars; j++) text += ALPHABET[(bits >> (18 - 6 * j)) & 63];
  }
  return text;
}
