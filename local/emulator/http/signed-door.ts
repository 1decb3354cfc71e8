import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body';
import type { SignatureFault, Signatures, Verdict } from './signatures';

/** Maximum body size in bytes, above the limits of all services except S3. */
const MAX_BODY_BYTES = 32 * 1_048_576;

/** Error names of AWS's services for refused signatures. */
const ERRORS: Readonly<Record<SignatureFault, { readonly status: number; readonly code: string }>> = {
  missing: { status: 403, code: 'MissingAuthenticationTokenException' },
  malformed: { status: 400, code: 'IncompleteSignatureException' },
  'unknown-key': { status: 403, code: 'UnrecognizedClientException' },
  'wrong-service': { status: 403, code: 'InvalidSignatureException' },
  expired: { status: 403, code: 'InvalidSignatureException' },
  mismatch: { status: 403, code: 'InvalidSignatureException' },
  'wrong-body': { status: 403, code: 'InvalidSignatureException' },
};

export type InvalidVerdict = Extract<Verdict, { readonly valid: false }>;

/** @returns the service's error for a refused signature */
export const signatureError = ({ fault }: InvalidVerdict) => ERRORS[fault];

/**
 * Verifies a request to an AWS service, including its body, before the service receives it.
 *
 * @returns whether the service may answer; if not, the refusal has been sent
 */
export async function admitSigned(
  signatures: Signatures,
  service: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  const body = await takeBody(req);
  if (body === undefined) {
    refuse(res, 413, 'RequestEntityTooLargeException', 'The request is too large.');
    return false;
  }
  const verdict = await signatures.verify(req, service, body);
  if (verdict.valid) return true;
  const { status, code } = signatureError(verdict);
  refuse(res, status, code, verdict.message);
  return false;
}

/** Reads the body, and makes it readable again for the handler. */
async function takeBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const body = await readBody(req, MAX_BODY_BYTES);
  if (!body) return undefined;
  Object.defineProperty(req, Symbol.asyncIterator, {
    value: async function* again() {
      yield body;
    },
  });
  return body;
}

function refuse(res: ServerResponse, status: number, code: string, message: string): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code });
  res.end(JSON.stringify({ __type: code, message, Message: message }));
}
