import { inputKey, logKey, type RequestItem } from '../../core';
import type { Json } from '../../protocol';
import type { Store } from '../ports';

/** The input of a request: on the request itself if it is small, otherwise a separate item. */
export async function storedInput(store: Pick<Store, 'get'>, request: RequestItem): Promise<Json | undefined> {
  if (request.input !== undefined) return JSON.parse(request.input);
  const item = await store.get('events', inputKey(logKey(request)));
  return typeof item?.body === 'string' ? JSON.parse(item.body) : undefined;
}
