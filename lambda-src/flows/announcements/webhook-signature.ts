import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Source: Standard Webhooks, "Signature scheme". */
const KEY_BYTES = { min: 24, max: 64 };

/**
 * The key that a secret stands for: 24 to 64 bytes in base64, with or without `whsec_` before them.
 *
 * @throws Error that says what a secret must be, and never what it is
 */
export function signingKey(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (key.length >= KEY_BYTES.min && key.length <= KEY_BYTES.max) return key;
  throw new Error("the webhook's secret must be base64 of 24 to 64 bytes, with or without `whsec_` before it");
}

/** Headers by the Standard Webhooks scheme: one signature for each key, so that a receiver may know the old one or the new one. */
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
