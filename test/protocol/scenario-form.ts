import * as v from 'valibot';

/** The form of a scenario, as `protocol/vectors/README.md` describes it. A step with an unknown field is refused. */

const id = v.string();
const topic = v.string();
const empty = v.strictObject({});
const json = v.custom<unknown>((value) => value !== undefined);
const frame = v.record(v.string(), v.unknown());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Schema of an object with exactly one of several keys. Each key has a separate schema for its value. */
function oneOf<const T extends v.ObjectEntries>(bodies: T) {
  return v.union(Object.entries(bodies).map(([key, body]) => v.strictObject({ [key]: body })));
}

const client = oneOf({
  connect: empty,
  request: v.union([
    v.strictObject({ id, action: v.string(), input: v.optional(json) }),
    v.strictObject({ id, action: v.string(), inputRepeat: v.tuple([v.string(), count]) }),
  ]),
  subscribe: v.strictObject({ topic, offset: v.optional(count), epoch: v.optional(v.string()) }),
  unsubscribe: v.strictObject({ topic }),
  publish: v.strictObject({ topic, id, data: json }),
  send: v.strictObject({ id, request: id, name: v.string(), data: v.optional(json) }),
  list: v.strictObject({
    id,
    action: v.optional(v.string()),
    status: v.optional(v.array(v.string())),
    limit: v.optional(count),
    cursor: v.optional(v.string()),
  }),
  resume: v.strictObject({ id, offset: v.optional(count), epoch: v.optional(v.string()) }),
  cancel: v.strictObject({ id, reason: v.optional(v.string()) }),
  abort: v.strictObject({ id }),
  close: empty,
});

const expectation = oneOf({
  connect: v.strictObject({ protocols: v.array(v.string()) }),
  frame,
  close: v.strictObject({ code: v.optional(count) }),
  nothing: empty,
});

const assertion = oneOf({
  state: v.picklist(['connecting', 'open', 'waiting', 'closed']),
  pending: v.strictObject({ id }),
  result: v.strictObject({ id, value: json }),
  error: v.strictObject({ id, code: v.string(), retryable: v.optional(v.boolean()), partial: v.optional(json) }),
  cancelled: v.strictObject({ id, status: v.string() }),
  notCancelled: v.strictObject({ id, code: v.string() }),
  progress: v.strictObject({ id, are: v.array(frame) }),
  snapshots: v.strictObject({ id, are: v.array(v.looseObject({ offset: count })) }),
  events: v.strictObject({ id, are: v.array(v.strictObject({ name: v.string(), data: v.optional(json) })) }),
  messages: v.strictObject({ topic, are: v.array(json) }),
  recovered: v.strictObject({ topic, are: v.array(v.boolean()) }),
  refused: v.strictObject({ topic, code: v.string() }),
  published: v.strictObject({ id }),
  notPublished: v.strictObject({ id, code: v.string() }),
  sent: v.strictObject({ id }),
  notSent: v.strictObject({ id, code: v.string() }),
  listed: v.strictObject({ id, are: v.array(frame), cursor: v.optional(v.string()) }),
  notListed: v.strictObject({ id, code: v.string() }),
  position: v.strictObject({ id, offset: count, epoch: v.optional(v.string()) }),
});

const step = oneOf({
  client,
  accept: empty,
  reject: v.strictObject({ status: count }),
  server: oneOf({ frame, text: v.string() }),
  close: v.strictObject({ code: count, reason: v.optional(v.string()) }),
  advance: v.strictObject({ ms: count }),
  expect: expectation,
  assert: assertion,
});

export const scenarioSchema = v.strictObject({
  name: v.string(),
  description: v.string(),
  token: v.optional(v.string()),
  steps: v.pipe(v.array(step), v.minLength(1)),
});

/** The steps of a scenario whose form was checked. */
export interface Scenario {
  name: string;
  description: string;
  token?: string;
  steps: Step[];
}

export interface Step {
  client?: { request?: { id: string } };
  server?: { frame?: Record<string, unknown>; text?: string };
  expect?: { connect?: { protocols: string[] }; frame?: Record<string, unknown> };
  assert?: { error?: { code: string } };
}
