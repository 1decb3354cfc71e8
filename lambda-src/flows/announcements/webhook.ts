import { createHmac } from 'node:crypto';
import type { WebhookRetries } from '../../../src/contract';
import { afterAttempt, type DeliveryResult, type DeliveryVerdict } from '../../core';
import type { Log, Platform } from '../ports';

/** A message of the webhook's queue. */
export interface WebhookMessage {
  readonly messageId: string;
  /** The body to post. It is posted unchanged. */
  readonly body: string;
  /** Number of times that the message was received, including this one. */
  readonly attempt: number;
}

export interface WebhookDeps {
  /** Keys to sign with; the current key comes first. */
  readonly keys: () => Promise<readonly Buffer[]>;
  /** @throws Error if the receiver does not answer in time */
  readonly post: (headers: Record<string, string>, body: string) => Promise<DeliveryResult>;
  /** Hides the message for the given time from now. */
  readonly hide: (message: WebhookMessage, seconds: number) => Promise<void>;
  readonly deadLetter: (body: string) => Promise<void>;
  readonly policy: WebhookRetries;
  readonly platform: Pick<Platform, 'now' | 'random'>;
  readonly log: Log;
}

/**
 * Makes one attempt to deliver a webhook.
 *
 * @returns whether the message is finished; if not, the queue delivers it again
 */
export async function deliver(deps: WebhookDeps, message: WebhookMessage): Promise<boolean> {
  const id = idOf(message.body);
  const fields = { messageId: message.messageId, eventId: id, attempt: message.attempt };
  try {
    if (id === undefined) return await giveUp(deps, message, { ...fields, why: 'no announcement' });
    const { result, failure } = await attempt(deps, id, message.body);
    return await applyVerdict(deps, message, result, { ...fields, status: result.status, ...failure });
  } catch (error) {
    // The queue delivers the message again after its visibility timeout.
    deps.log.error('could not settle a webhook', { ...fields, error });
    return false;
  }
}

async function applyVerdict(
  deps: WebhookDeps,
  message: WebhookMessage,
  result: DeliveryResult,
  fields: Record<string, unknown>,
): Promise<boolean> {
  const verdict: DeliveryVerdict = afterAttempt(deps.policy, message.attempt, result, deps.platform.random());
  if (verdict.kind === 'delivered') {
    deps.log.info('webhook delivered', fields);
    return true;
  }
  if (verdict.kind === 'give-up') return giveUp(deps, message, { ...fields, why: verdict.why });
  deps.log.warn('webhook not accepted', { ...fields, againInSeconds: verdict.afterSeconds });
  await deps.hide(message, verdict.afterSeconds);
  return false;
}

async function attempt(
  { keys, post, platform }: WebhookDeps,
  id: string,
  body: string,
): Promise<{ result: DeliveryResult; failure: { error?: unknown } }> {
  try {
    const timestamp = Math.floor(platform.now() / 1000);
    return { result: await post(signatureHeaders(await keys(), { id, timestamp, body }), body), failure: {} };
  } catch (error) {
    return { result: {}, failure: { error } };
  }
}

/** Moves the message to the dead-letter queue. The body remains unchanged: if someone moves the message back, it is sent again under the same id. */
async function giveUp({ deadLetter, log }: WebhookDeps, { body }: WebhookMessage, fields: object): Promise<true> {
  await deadLetter(body);
  log.error('webhook given up', { ...fields });
  return true;
}

function idOf(body: string): string | undefined {
  try {
    const id = (JSON.parse(body) as { data?: { eventId?: unknown } } | null)?.data?.eventId;
    return typeof id === 'string' && /^[\w-]+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Allowed lengths of a key. Source: Standard Webhooks, "Signature scheme". */
const KEY_BYTES = { min: 24, max: 64 };

/**
 * Decodes the key of a secret: 24 to 64 bytes in base64, with or without the prefix `whsec_`.
 *
 * @throws Error whose message describes the required form, and never contains the secret
 */
export function signingKey(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (key.length >= KEY_BYTES.min && key.length <= KEY_BYTES.max) return key;
  throw new Error("the webhook's secret must be base64 of 24 to 64 bytes, with or without `whsec_` before it");
}

/**
 * Returns the headers that Standard Webhooks defines. They contain one signature per key, so that a receiver may use the old secret or the new one.
 */
export function signatureHeaders(
  keys: readonly Buffer[],
  message: { readonly id: string; readonly timestamp: number; readonly body: string },
): Record<string, string> {
  const { id, timestamp, body } = message;
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
