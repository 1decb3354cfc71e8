import { type RequestItem, type StoredOutcome, TERMINAL_STATUSES } from '../../src/contract';
import type { Item } from './dynamo';
import type { Json, RequestStatus } from './types';

export type { RequestItem };
export type Outcome = StoredOutcome;

export const isRequest = (item: Item): item is Item & RequestItem =>
  typeof item.requestKey === 'string' && typeof item.status === 'string' && typeof item.action === 'string';

export const logKeyOf = ({ requestKey, epoch }: Pick<RequestItem, 'requestKey' | 'epoch'>): string =>
  `${requestKey}#${epoch}`;

export const isTerminal = (status: RequestStatus): boolean =>
  (TERMINAL_STATUSES as readonly RequestStatus[]).includes(status);

/** Parses a JSON string. If it is not JSON, the string itself is the value. */
export function fromText(text: unknown): Json | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export function errorOf(outcome: Outcome | undefined): { code: string; message: string } | undefined {
  if (outcome?.kind !== 'error') return undefined;
  const { code, message } = (fromText(outcome.error) ?? {}) as { code?: string; message?: string };
  return { code: String(code ?? 'UNKNOWN'), message: String(message ?? '') };
}
