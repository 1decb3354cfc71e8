import { EVENTS } from '../../../src/contract';
import {
  type Claim,
  continueLater,
  expiry,
  logKey,
  type RequestItem,
  type StoredState,
  storeBody,
  type Update,
  type WriteTime,
} from '../../core';
import { invalidContinue, type SliceEnd } from '../handlers/continuation';
import { isSchema } from '../handlers/input';
import type { Store } from '../ports';
import { storedBody } from '../requests/stored-request';

/** Maximum characters of a state that is stored on the request itself, because the size of the request adds to the cost of each write. */
const INLINE_STATE_CHARS = 1_024;

/**
 * Returns the write that ends the slice. A long state is stored earlier than this write, as an item of this claim. So the state of the running slice
 * stays until the next slice replaces it.
 */
export async function continuation(
  { store }: { readonly store: Pick<Store, 'write'> },
  request: RequestItem,
  claim: Claim,
  { state, delayMs, messagesRead }: SliceEnd,
  at: WriteTime,
): Promise<Update> {
  const notBefore = at.now + delayMs;
  const stored = await storeState(store, request, state, { ...at, now: notBefore });
  return continueLater(request, claim, { ...stored, messagesRead }, notBefore, at);
}

async function storeState(
  store: Pick<Store, 'write'>,
  request: RequestItem,
  state: string | undefined,
  at: WriteTime,
): Promise<StoredState> {
  if (state === undefined || state.length <= INLINE_STATE_CHARS) return { state };
  const put = storeBody(logKey(request), request.fence, state, expiry(at));
  await store.write(put);
  return { stateAt: Number(put.key[EVENTS.sortKey]) };
}

/** Reads the state that the previous slice left. @throws StreamerError `INVALID_CONTINUE` if the item with the state is past its retention */
export async function readState(store: Pick<Store, 'get'>, request: RequestItem): Promise<unknown> {
  const { state, stateAt } = request;
  const text = stateAt === undefined ? state : await storedBody(store, request, stateAt);
  if (text !== undefined) return JSON.parse(text);
  if (stateAt === undefined) return undefined;
  throw invalidContinue('the state of the previous slice is past its retention');
}

/** Validates and transforms a state by the handler's schema, if it has one. @throws StreamerError `INVALID_CONTINUE` */
export async function parseState(schema: unknown, state: unknown): Promise<unknown> {
  if (state === undefined || !isSchema(schema)) return state;
  const result = await schema['~standard'].validate(state);
  if (result.issues === undefined) return result.value;
  throw invalidContinue(
    `the state does not match its schema: ${result.issues.map(({ message }) => message).join('; ')}`,
  );
}
