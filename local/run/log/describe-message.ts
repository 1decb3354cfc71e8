import { shortRequestId } from './request-label';

const MAX_PART = 60;

/** Describes a frame by its type, action and id, without its contents. */
export function describeMessage(body: unknown): string {
  const text = typeof body === 'string' ? body : '';
  const bytes = `${Buffer.byteLength(text)} bytes`;
  const parts = identifyingParts(text);
  return parts.length === 0 ? `a message of ${bytes}` : `${parts.join(' ')} (${bytes})`;
}

function identifyingParts(text: string): string[] {
  try {
    const { type, action, id } = JSON.parse(text) as Record<string, unknown>;
    const short = typeof id === 'string' ? shortRequestId(id) : id;
    return [type, action, short].flatMap((part) => (typeof part === 'string' ? [part.slice(0, MAX_PART)] : []));
  } catch {
    return [];
  }
}
