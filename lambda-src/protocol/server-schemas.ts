import * as v from 'valibot';
import { CONSTANTS } from './constants';
import {
  cursor,
  download,
  epoch,
  eventName,
  fields,
  flag,
  headers,
  integer,
  json,
  jsonObject,
  name,
  percentage,
  ref,
  requestId,
  status,
  text,
  topic,
  url,
  wireError,
} from './fields';
import type { GatewayFrame, ServerMessage } from './messages';

type ServerSchema = v.GenericSchema<unknown, ServerMessage>;

const logEntry = { id: requestId, offset: integer(0), run: integer(1) };

const event = fields({
  type: v.literal('event'),
  ...logEntry,
  attempt: integer(1),
  fence: integer(1),
  slice: v.optional(integer(1)),
  name: eventName,
  data: v.optional(json),
});

const result = fields({ type: v.literal('result'), ...logEntry, attempt: v.optional(integer(1)), result: json });

const logError = fields({
  type: v.literal('error'),
  ...logEntry,
  attempt: v.optional(integer(1)),
  error: wireError,
  partial: v.optional(json),
  partialAt: v.optional(download),
  resultAt: v.optional(download),
});

const logFrame = v.variant('type', [event, result, logError], 'must be an event, a result or an error with an offset');

const report = {
  percentage: v.optional(percentage),
  message: v.optional(text(CONSTANTS.limits.progressMessageChars)),
  metadata: v.optional(jsonObject),
};

const progress = fields({
  type: v.literal('progress'),
  id: requestId,
  run: integer(1),
  attempt: integer(1),
  fence: integer(1),
  slice: v.optional(integer(1)),
  seq: integer(0),
  afterOffset: integer(0),
  ...report,
});

const snapshot = fields({
  offset: integer(0),
  run: integer(1),
  attempt: integer(1),
  fence: integer(1),
  slice: v.optional(integer(1)),
  data: json,
});

const ackFields = fields({
  type: v.literal('ack'),
  id: requestId,
  status,
  epoch,
  ref,
  offset: integer(0),
  run: integer(1),
  entries: v.optional(v.array(logFrame, 'must be an array')),
  progress: v.optional(progress),
  snapshot: v.optional(snapshot),
  more: v.optional(flag),
  recovered: v.optional(flag),
  replayed: v.optional(flag),
});

const requestAck = v.pipe(
  ackFields,
  v.check(
    ({ id, entries = [], progress: last }) => entries.every((entry) => entry.id === id) && (last?.id ?? id) === id,
    '`entries` and `progress` must belong to the request that the ack names',
  ),
);

const topicMessage = fields({ type: v.literal('message'), topic, offset: integer(0), epoch, data: json });

const namedAck = v.variant(
  'for',
  [
    fields({
      type: v.literal('ack'),
      for: v.literal('subscribe'),
      topic,
      epoch,
      offset: integer(0),
      entries: v.optional(v.array(topicMessage, 'must be an array')),
      more: v.optional(flag),
      recovered: v.optional(flag),
    }),
    fields({ type: v.literal('ack'), for: v.literal('cancel'), id: requestId, status, run: integer(1) }),
    fields({ type: v.literal('ack'), for: v.literal('unsubscribe'), topic }),
    fields({ type: v.literal('ack'), for: v.literal('publish'), id: requestId, topic }),
    fields({ type: v.literal('ack'), for: v.literal('input'), id: requestId, request: requestId }),
    fields({ type: v.literal('ack'), for: v.literal('upload'), id: requestId, url, headers }),
    fields({ type: v.literal('ack'), for: v.literal('auth.refresh'), expiresAt: integer(0) }),
  ],
  'must be cancel, subscribe, unsubscribe, publish, input, upload or auth.refresh, or left out',
);

const refusal = fields({
  type: v.literal('error'),
  id: v.optional(requestId),
  topic: v.optional(topic),
  for: v.optional(text(64)),
  ran: v.optional(flag),
  error: wireError,
});

const requests = fields({
  type: v.literal('requests'),
  id: requestId,
  requests: v.array(
    fields({
      id: requestId,
      action: name,
      status,
      createdAt: integer(0),
      epoch,
      ref,
      run: integer(1),
      attempt: integer(0),
      input: v.optional(json),
      progress: v.optional(fields(report)),
      error: v.optional(wireError),
    }),
    'must be an array',
  ),
  cursor: v.optional(cursor),
});

const response = fields({ type: v.literal('response'), id: requestId, result: json });
const pong = fields({ type: v.literal('pong'), id: v.optional(requestId) });

const has = (message: object, key: string) => (message as Record<string, unknown>)[key] !== undefined;

/** Schemas by wire `type`. If a type has two forms, the schema is chosen by a field that only one form has. */
export const SERVER_SCHEMAS: ReadonlyMap<string, (message: object) => ServerSchema> = new Map<
  string,
  (message: object) => ServerSchema
>([
  ['ack', (message) => (has(message, 'for') ? namedAck : requestAck)],
  ['response', () => response],
  ['progress', () => progress],
  ['event', () => event],
  ['result', () => result],
  ['error', (message) => (has(message, 'offset') ? logError : refusal)],
  ['message', () => topicMessage],
  ['requests', () => requests],
  ['pong', () => pong],
]);

export const gatewayFrame: v.GenericSchema<unknown, GatewayFrame> = fields({
  message: v.string('must be a string'),
  connectionId: v.string('must be a string'),
  requestId: v.string('must be a string'),
});
