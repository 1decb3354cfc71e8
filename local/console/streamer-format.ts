import { TERMINAL_STATUSES } from '../../src/contract';
import type { Item } from './dynamo';
import type { Json, RequestStatus } from './types';

/** The parts of a request's item that the console shows. */
export interface RequestItem {
  readonly requestKey: string;
  readonly id: string;
  readonly action: string;
  readonly tenant: string;
  readonly user: string;
  readonly epoch: string;
  readonly status: RequestStatus;
  readonly fence: number;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly run: number;
  readonly createdAt: number;
  readonly notBefore?: number;
  readonly leaseUntil?: number;
  readonly expiresAt?: number;
  /** JSON text. */
  readonly input?: string;
  readonly outcome?: Outcome;
}

export interface Outcome {
  readonly kind: 'result' | 'error';
  /** JSON text of a result. */
  readonly body?: string;
  /** Offset of the item that holds it. */
  readonly bodyAt?: number;
  /** JSON text of an error. */
  readonly error?: string;
}

export const isRequest = (item: Item): boolean =>
  typeof item.requestKey === 'string' && typeof item.status === 'string' && typeof item.action === 'string';

export const asRequest = (item: Item): RequestItem => item as unknown as RequestItem;

export const logKeyOf = ({ requestKey, epoch }: Pick<RequestItem, 'requestKey' | 'epoch'>): string =>
  `${requestKey}#${epoch}`;

export const isTerminal = (status: RequestStatus): boolean =>
  (TERMINAL_STATUSES as readonly RequestStatus[]).includes(status);

/** A value from its JSON text; the text itself where it is none. */
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
