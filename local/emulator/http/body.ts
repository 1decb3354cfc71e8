import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request. A body above the limit is read to its end and discarded, because a client does not read
 * the response while it sends.
 *
 * @param limit maximum size in bytes
 * @returns undefined if the body is larger
 */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes <= limit ? Buffer.concat(chunks) : undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON object.
 *
 * @returns undefined for any other string
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
