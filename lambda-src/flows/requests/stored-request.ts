import { createHash } from 'node:crypto';
import {
  bodyKey,
  decodeRequest,
  inputKey,
  isExpired,
  type Key,
  logKey,
  type Owner,
  type RequestItem,
  requestItemKey,
  requestKey,
  type StoredBody,
} from '../../core';
import { type Json, type RequestMessage, StreamerError } from '../../protocol';
import { uploadedBytes, uploadedInput } from '../payloads/input';
import { readPayload } from '../payloads/read';
import type { Deps, Store } from '../ports';

/** @throws StreamerError `NOT_FOUND` if the owner has no such request, or its retention is over */
export async function findRequest(
  { store, platform }: Pick<Deps, 'store' | 'platform'>,
  owner: Owner,
  id: string,
): Promise<RequestItem> {
  const item = await store.get('requests', requestItemKey(requestKey(owner, id)));
  if (!item || isExpired(item, platform.now())) throw notFound(id);
  return decodeRequest(item);
}

export const notFound = (id: string): StreamerError =>
  new StreamerError('NOT_FOUND', `There is no request ${id} of this user.`);

type Reads = Pick<Store, 'get'>;

/** Parts of `Deps` that are needed to read inputs and results. */
export interface ReadDeps extends Pick<Deps, 'payloads'> {
  readonly store: Reads;
}

/**
 * Returns the input of a request. A small input is an attribute of the request, and a larger one is a separate item, or an object.
 *
 * @throws StreamerError `INVALID_INPUT` if the input is past its retention, for example because the request was redriven very late
 */
export async function storedInput(deps: ReadDeps, request: RequestItem): Promise<Json | undefined> {
  if (request.upload) return uploadedInput(deps, request.upload);
  const text = await inputText(deps, request);
  if (text !== undefined) return JSON.parse(text);
  if (request.inputHash === hashOf([request.action])) return undefined;
  throw new StreamerError('INVALID_INPUT', 'The input of this request is past its retention. Send the request again.');
}

/** JSON string of an input that was not uploaded. */
const inputText = async ({ store }: ReadDeps, request: RequestItem): Promise<string | undefined> =>
  request.input ?? (await bodyIn(store, inputKey(logKey(request))));

/** Returns the bytes of the input, as they arrive. There are none if the request has no input. */
export async function* inputStream(deps: ReadDeps, request: RequestItem): AsyncGenerator<Uint8Array> {
  if (request.upload) yield* uploadedBytes(deps, request.upload);
  else yield Buffer.from((await inputText(deps, request)) ?? '');
}

/** JSON string of a result that is stored separately from the request; undefined if it is past its retention. */
export async function storedValue(
  deps: ReadDeps,
  request: RequestItem,
  stored: Exclude<StoredBody, { readonly body: string }>,
): Promise<string | undefined> {
  return 'object' in stored ? readPayload(deps, stored.object) : storedBody(deps.store, request, stored.bodyAt);
}

/** JSON string of a result or a state that is a separate item; undefined if the item is past its retention. */
export const storedBody = (store: Reads, request: RequestItem, offset: number): Promise<string | undefined> =>
  bodyIn(store, bodyKey(logKey(request), offset));

async function bodyIn(store: Reads, key: Key): Promise<string | undefined> {
  const body = (await store.get('events', key))?.body;
  return typeof body === 'string' ? body : undefined;
}

/** Hash of the action and the input of a request, by which a repetition is recognized. */
export const requestHash = ({ action, input, upload }: RequestMessage): string => {
  if (upload) return hashOf([action, 'upload', upload.sha256, upload.bytes]);
  return hashOf(input === undefined ? [action] : [action, input]);
};

/** Returns the hash of a JSON value. The hash does not depend on the order of the keys of objects. */
export const hashOf = (value: Json): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('base64url');

function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}
