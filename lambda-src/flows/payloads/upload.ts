import type { Limits } from '../../../src/contract';
import { decodeRequest, isExpired, type Owner, type PayloadObject, requestItemKey, requestKey } from '../../core';
import {
  type PayloadDigest,
  type RequestMessage,
  StreamerError,
  type UploadAckFrame,
  type UploadMessage,
} from '../../protocol';
import { inputLimit, type SizedAction, tooLarge } from '../handlers/input';
import type { Deps, Payloads } from '../ports';
import { requestHash } from '../requests/stored-request';
import { inputObjectKey, inputObjectKeys } from './keys';

/** Parts of `Deps` that are needed to accept uploaded inputs. */
export type UploadDeps = Pick<Deps, 'store' | 'platform' | 'limits' | 'retentionSeconds' | 'payloads'>;

/** @throws StreamerError `PAYLOAD_TOO_LARGE` if an input with so many bytes is too large for the action */
function checkBytes(bytes: number, action: SizedAction, limits: Limits): void {
  const limit = inputLimit(action, limits);
  if (bytes > limit) throw tooLarge(limit);
}

/**
 * Returns the URL to which the client uploads the input of a request. Nothing is stored: the key follows from the owner, the id and the content.
 *
 * @throws StreamerError `UNSUPPORTED_TYPE` if the API has no bucket, `PAYLOAD_TOO_LARGE`
 */
export async function answerUpload(
  deps: UploadDeps,
  owner: Owner,
  { id, bytes, sha256 }: UploadMessage,
  action: SizedAction,
): Promise<UploadAckFrame> {
  const payloads = bucketOf(deps);
  checkBytes(bytes, action, deps.limits);
  const key = inputObjectKey(owner, id, sha256, deps.platform.now());
  return { type: 'ack', for: 'upload', id, ...(await payloads.upload({ key, bytes, sha256 })) };
}

/**
 * Returns the object to which a request refers. Only its size is checked here. S3 has checked its checksum, and the processor validates the input.
 *
 * @throws StreamerError `UPLOAD_NOT_FOUND`, `UNSUPPORTED_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_MESSAGE`
 */
export async function findUpload(
  deps: UploadDeps,
  owner: Owner,
  message: RequestMessage & { readonly upload: PayloadDigest },
  action: SizedAction,
): Promise<PayloadObject> {
  const payloads = bucketOf(deps);
  const { id, upload } = message;
  checkMessage(deps, message);
  checkBytes(upload.bytes, action, deps.limits);
  for (const key of inputObjectKeys(owner, id, upload.sha256, deps.platform.now())) {
    const size = await payloads.size(key);
    if (size === upload.bytes) return { key, ...upload };
  }
  return earlierUpload(deps, owner, message);
}

/**
 * Returns the object of a request that was accepted before, because a repetition of its message must be answered.
 *
 * @throws StreamerError `UPLOAD_NOT_FOUND` if there is no such request
 */
async function earlierUpload(deps: UploadDeps, owner: Owner, message: RequestMessage): Promise<PayloadObject> {
  const item = await deps.store.get('requests', requestItemKey(requestKey(owner, message.id)));
  const request = item && !isExpired(item, deps.platform.now()) ? decodeRequest(item) : undefined;
  if (request?.upload && request.inputHash === requestHash(message)) return request.upload;
  throw new StreamerError(
    'UPLOAD_NOT_FOUND',
    `There is no uploaded input of the request ${message.id} with this size and content. Upload the input, then send the request within a day.`,
  );
}

/** Refuses a message with both an input and an upload, and a start at which the uploaded input may be deleted. */
function checkMessage({ platform, retentionSeconds }: UploadDeps, { input, notBefore = 0 }: RequestMessage): void {
  if (input !== undefined) throw invalid('input', 'must be absent if `upload` is given');
  if (notBefore - platform.now() <= retentionSeconds * 1_000) return;
  throw invalid(
    'notBefore',
    `must be at most the retention of ${retentionSeconds} seconds ahead if \`upload\` is given`,
  );
}

const invalid = (path: string, message: string): StreamerError =>
  new StreamerError('INVALID_MESSAGE', `The message does not fit its type: \`${path}\` ${message}.`, {
    details: { issues: [{ path, message }] },
  });

function bucketOf({ payloads }: UploadDeps): Payloads {
  if (payloads) return payloads;
  throw new StreamerError(
    'UNSUPPORTED_TYPE',
    'This server takes no uploads: the API has no `payloads`. An input must fit into its message.',
  );
}
