import * as v from 'valibot';
import { CONSTANTS } from './constants';
import {
  byteCount,
  cursor,
  deadlineMs,
  debounceRule,
  epoch,
  fields,
  integer,
  json,
  name,
  pageSize,
  payloadDigest,
  ref,
  requestId,
  sha256,
  statusList,
  text,
  token,
  topic,
  trace,
} from './fields';
import type { ClientMessage, ClientMessageType } from './messages';

/** `v` is checked before the schema is applied, because another version may have other fields. */
const envelope = { v: v.optional(v.number()), trace: v.optional(trace) };

/** Schemas by wire `type`. They are in a Map, so that a `type` such as `toString` finds nothing. */
export const CLIENT_SCHEMAS: ReadonlyMap<string, v.GenericSchema<unknown, ClientMessage>> = new Map<
  ClientMessageType,
  v.GenericSchema<unknown, ClientMessage>
>([
  [
    'request',
    fields({
      type: v.literal('request'),
      id: requestId,
      action: name,
      input: v.optional(json),
      upload: v.optional(payloadDigest),
      notBefore: v.optional(integer(0)),
      deadlineMs: v.optional(deadlineMs),
      priority: v.optional(name),
      debounce: v.optional(debounceRule),
      ...envelope,
    }),
  ],
  [
    'attach',
    fields({
      type: v.literal('attach'),
      id: requestId,
      offset: v.optional(integer(0)),
      epoch: v.optional(epoch),
      ref: v.optional(ref),
      ...envelope,
    }),
  ],
  [
    'cancel',
    fields({
      type: v.literal('cancel'),
      id: requestId,
      reason: v.optional(text(CONSTANTS.limits.reasonChars)),
      ...envelope,
    }),
  ],
  [
    'subscribe',
    fields({
      type: v.literal('subscribe'),
      topic,
      offset: v.optional(integer(0)),
      epoch: v.optional(epoch),
      ...envelope,
    }),
  ],
  ['unsubscribe', fields({ type: v.literal('unsubscribe'), topic, ...envelope })],
  ['publish', fields({ type: v.literal('publish'), topic, id: requestId, data: json, ...envelope })],
  ['auth.refresh', fields({ type: v.literal('auth.refresh'), token, ...envelope })],
  [
    'list',
    fields({
      type: v.literal('list'),
      id: requestId,
      action: v.optional(name),
      status: v.optional(statusList),
      limit: v.optional(pageSize),
      cursor: v.optional(cursor),
      ...envelope,
    }),
  ],
  [
    'input',
    fields({
      type: v.literal('input'),
      id: requestId,
      request: requestId,
      name,
      data: v.optional(json),
      ...envelope,
    }),
  ],
  ['upload', fields({ type: v.literal('upload'), id: requestId, action: name, bytes: byteCount, sha256, ...envelope })],
  ['ping', fields({ type: v.literal('ping'), id: v.optional(requestId), ...envelope })],
]);
