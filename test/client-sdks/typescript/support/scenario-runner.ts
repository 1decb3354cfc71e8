import assert from 'node:assert/strict';
import { StreamerClient } from '../../../../client-sdks/typescript/src/client';
import type { ConnectionState } from '../../../../client-sdks/typescript/src/connection/connection';
import type { CancelResult } from '../../../../client-sdks/typescript/src/request/handle';
import type { RequestSnapshot } from '../../../../client-sdks/typescript/src/request/live-request';
import type { Subscription } from '../../../../client-sdks/typescript/src/topic/live-topic';
import type { StreamerError } from '../../../../client-sdks/typescript/src/wire/errors';
import { FakeNetwork, type SocketRecord } from './fake-socket';
import { settled, VirtualClock } from './virtual-clock';

type Fields = Record<string, unknown>;
type Body = Fields & { id: string };
export interface Scenario {
  readonly name: string;
  readonly token?: string;
  readonly steps: readonly Record<string, Fields>[];
}

type Outcomes = ({ value: unknown } | { error: StreamerError })[];

/** The application's view of one request. */
interface Seen {
  readonly progress: unknown[];
  readonly events: unknown[];
  readonly snapshots: unknown[];
  readonly controller: AbortController;
  readonly outcomes: Outcomes;
  snapshot: RequestSnapshot | undefined;
}

/** Everything that the application sees of one topic. */
interface SeenTopic {
  readonly messages: unknown[];
  readonly recovered: boolean[];
  readonly errors: StreamerError[];
  readonly subscription: Subscription;
}

/** Milliseconds to wait for a digest at most. */
const DIGEST_TURNS = 1_000;

const STATES: Record<string, ConnectionState> = {
  connecting: 'connecting',
  open: 'connected',
  waiting: 'disconnected',
  closed: 'closed',
};

/** Runs one scenario of `protocol/vectors/scenarios`; `protocol/vectors/README.md` defines the steps. */
export async function runScenario(scenario: Scenario, random: () => number): Promise<void> {
  const runner = new Runner(scenario.token ?? 'token-1', random);
  for (const [index, step] of scenario.steps.entries()) {
    try {
      await runner.step(step);
    } catch (error) {
      throw new Error(`step ${index + 1}, ${JSON.stringify(step)}: ${(error as Error).message}`, { cause: error });
    }
  }
  await runner.end();
}

class Runner {
  private readonly clock = new VirtualClock();
  private readonly network = new FakeNetwork();
  private readonly seen = new Map<string, Seen>();
  private readonly topics = new Map<string, SeenTopic>();
  private readonly lists = new Map<string, Outcomes>();
  private readonly inputs = new Map<string, Outcomes>();
  private nextId = '';
  private readonly cancels = new Map<string, (CancelResult | StreamerError)[]>();
  private readonly publishes = new Map<string, (StreamerError | undefined)[]>();
  private client: StreamerClient | undefined;

  constructor(
    private readonly token: string,
    private readonly random: () => number,
  ) {}

  async step(step: Record<string, Fields>): Promise<void> {
    const entries = Object.entries(step);
    assert.equal(entries.length, 1, 'a step has one key');
    const [[kind, body]] = entries as [[string, Fields]];
    const steps = new Map<string, () => void | Promise<void>>([
      ['client', () => this.onClient(body)],
      ['accept', () => this.network.newest.accept()],
      // As in a browser, the client does not see the status.
      ['reject', () => this.network.newest.reject()],
      ['server', () => this.network.newest.message('frame' in body ? JSON.stringify(body.frame) : body.text)],
      ['close', () => this.network.newest.end(body.code as number)],
      ['advance', () => this.clock.advance(body.ms as number)],
      ['expect', () => this.whenDone(body)],
      ['assert', () => this.onAssert(body)],
    ]);
    const run = steps.get(kind);
    assert.ok(run, `unknown step ${kind}`);
    await run();
    await settled();
  }

  async end(): Promise<void> {
    assert.deepEqual(this.network.records.map(describe), [], 'everything must have been taken');
    this.client?.close();
    await settled();
    assert.equal(this.clock.pending, 0, 'a closed client has no timers');
  }

  private onClient(body: Fields): void {
    const [[action, fields]] = Object.entries(body) as [[string, Body & Fields]];
    if (action !== 'connect') assert.ok(this.client, 'the client must be connected first');
    const actions = new Map<string, () => void>([
      ['connect', () => this.connect()],
      ['close', () => this.client?.close()],
      ['cancel', () => this.cancel(fields)],
      ['abort', () => this.of(fields.id).controller.abort()],
      ['request', () => this.request(fields)],
      ['subscribe', () => this.subscribe(fields)],
      ['unsubscribe', () => this.ofTopic(fields.topic).subscription.unsubscribe()],
      ['publish', () => this.publish(fields)],
      ['list', () => this.list(fields)],
      ['send', () => this.send(fields)],
      ['resume', () => this.resume(fields as { id: string; offset?: number; epoch?: string })],
    ]);
    const act = actions.get(action);
    assert.ok(act, `unknown client step ${action}`);
    act();
  }

  private cancel({ id, reason }: Fields): void {
    const outcomes: (CancelResult | StreamerError)[] = [];
    this.cancels.set(id as string, outcomes);
    const note = (outcome: CancelResult | StreamerError) => outcomes.push(outcome);
    this.client?.cancel(id as string, reason as string).then(note, note);
  }

  private subscribe({ topic, offset, epoch }: Fields): void {
    const seen = { messages: [] as unknown[], recovered: [] as boolean[], errors: [] as StreamerError[] };
    const subscription = (this.client as StreamerClient).subscribe(topic as string, {
      offset: offset as number,
      epoch: epoch as string,
      onMessage: ({ data }) => seen.messages.push(data),
      onRecovered: (recovered) => seen.recovered.push(recovered),
      onError: (error) => seen.errors.push(error),
    });
    this.topics.set(topic as string, { ...seen, subscription });
  }

  private publish({ topic, id, data }: Fields): void {
    const outcomes: (StreamerError | undefined)[] = [];
    this.publishes.set(id as string, outcomes);
    this.client?.publish(topic as string, data, { id: id as string }).then(
      () => outcomes.push(undefined),
      (error) => outcomes.push(error),
    );
  }

  private send({ id, request, name, data }: Body): void {
    const outcomes: Outcomes = [];
    this.inputs.set(id, outcomes);
    this.client?.send('report', request as string, name as string, data, { id }).then(
      () => outcomes.push({ value: undefined }),
      (error) => outcomes.push({ error }),
    );
  }

  private list({ id, ...options }: Body): void {
    const outcomes: Outcomes = [];
    this.lists.set(id, outcomes);
    this.nextId = id;
    this.client?.requests(options).then(
      (value) => outcomes.push({ value }),
      (error) => outcomes.push({ error }),
    );
  }

  private ofTopic(topic: unknown): SeenTopic {
    const seen = this.topics.get(topic as string);
    assert.ok(seen, `no topic ${topic} was subscribed to`);
    return seen;
  }

  /** Without an offset, the application starts at the latest snapshot. */
  private resume({ id, offset, epoch }: { id: string; offset?: number; epoch?: string }): void {
    const onSnapshot = (snapshot: unknown) => this.of(id).snapshots.push(snapshot);
    const late = offset === undefined ? { onSnapshot } : {};
    this.listen(id, (options) => this.client?.attach('report', { id, offset, epoch }, { ...options, ...late }));
  }

  private connect(): void {
    this.client = new StreamerClient('wss://streamer.example.com/v1', {
      token: this.token,
      webSocket: this.network.webSocket,
      clock: this.clock,
      random: this.random,
      newId: () => this.nextId,
    });
    this.client.connect().catch(() => undefined);
  }

  private request(fields: Fields): void {
    const { id, action, inputRepeat } = fields as { id: string; action: string; inputRepeat?: [string, number] };
    const input = inputRepeat ? inputRepeat[0].repeat(inputRepeat[1]) : fields.input;
    this.listen(id, (options) => this.client?.request(action, input, { ...options, id }));
  }

  private listen(id: string, start: (options: object) => Promise<unknown> | undefined): void {
    const controller = new AbortController();
    const seen: Seen = { progress: [], events: [], snapshots: [], controller, outcomes: [], snapshot: undefined };
    this.seen.set(id, seen);
    const outcome = start({
      signal: controller.signal,
      onProgress: (progress: unknown) => seen.progress.push(progress),
      onEvent: ({ name, data }: Fields) => seen.events.push({ name, data }),
      onState: (snapshot: RequestSnapshot) => {
        seen.snapshot = snapshot;
      },
    });
    outcome?.then(
      (value) => seen.outcomes.push({ value }),
      (error) => seen.outcomes.push({ error }),
    );
  }

  private of(id: string): Seen {
    const seen = this.seen.get(id);
    assert.ok(seen, `no request ${id} was begun`);
    return seen;
  }

  /** Waits for the digest of an upload, which Web Crypto computes in real time. */
  private async whenDone(body: Fields): Promise<void> {
    for (let turn = 0; turn < DIGEST_TURNS && !('nothing' in body) && this.network.records.length === 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.onExpect(body);
  }

  private onExpect(body: Fields): void {
    const [[kind, expected]] = Object.entries(body) as [[string, Fields]];
    const record = this.network.records.shift();
    if (kind === 'nothing') {
      assert.equal(record && describe(record), undefined);
      return;
    }
    assert.ok(record, `the client did nothing, expected ${kind}`);
    assert.equal(record.kind, kind, `the client did ${describe(record)}`);
    if (record.kind === 'connect') assert.deepEqual(record.protocols, expected.protocols);
    if (record.kind === 'close' && expected.code !== undefined) assert.equal(record.code, expected.code);
    if (record.kind === 'frame') {
      assert.equal(record.socket, this.network.newest, 'sent on an old connection');
      assertMatches(record.frame, expected);
    }
  }

  private onAssert(body: Fields): void {
    const [[kind, wanted]] = Object.entries(body) as [[string, unknown]];
    if (kind === 'state') assert.equal(this.client?.state, STATES[wanted as string]);
    else if (kind === 'sent') assert.deepEqual(this.inputs.get((wanted as Body).id), [{ value: undefined }]);
    else if (kind === 'notSent')
      assertError(this.inputs.get((wanted as Body).id) ?? [], { code: (wanted as Body).code });
    else if (kind === 'listed' || kind === 'notListed') this.onAssertList(kind, wanted as Body);
    else if (ABOUT_CANCELS.has(kind)) this.onAssertCancel(wanted as Body & Fields);
    else if (ABOUT_TOPICS.has(kind)) this.onAssertTopic(kind, wanted as Fields);
    else this.onAssertRequest(kind, wanted as Body & Fields);
  }

  private onAssertCancel({ id, ...expected }: Body & Fields): void {
    const outcomes = this.cancels.get(id);
    assert.equal(outcomes?.length, 1, 'it must be settled once');
    assertMatches(outcomes?.[0], expected);
  }

  private onAssertTopic(kind: string, { topic, id, are, code }: Fields): void {
    const codes = (errors: readonly (StreamerError | undefined)[] | undefined) => errors?.map((error) => error?.code);
    const checks = new Map<string, () => void>([
      ['messages', () => assertMatches(this.ofTopic(topic).messages, are)],
      ['recovered', () => assert.deepEqual(this.ofTopic(topic).recovered, are)],
      ['refused', () => assert.deepEqual(codes(this.ofTopic(topic).errors), [code])],
      ['published', () => assert.deepEqual(this.publishes.get(id as string), [undefined])],
      ['notPublished', () => assert.deepEqual(codes(this.publishes.get(id as string)), [code])],
    ]);
    checks.get(kind)?.();
  }

  private onAssertList(kind: string, { id, are, cursor, ...error }: Body): void {
    const outcomes = this.lists.get(id) ?? [];
    if (kind === 'notListed') assertError(outcomes, error);
    else assertMatches(outcomes, [{ value: { requests: are, ...(cursor !== undefined && { cursor }) } }]);
  }

  private onAssertRequest(kind: string, expected: Body & Fields): void {
    const seen = this.of(expected.id);
    const { outcomes } = seen;
    const checks = new Map<string, () => void>([
      ['pending', () => assert.deepEqual(outcomes, [])],
      ['result', () => assert.deepEqual(outcomes, [{ value: expected.value }])],
      ['error', () => assertError(outcomes, expected)],
      ['progress', () => assertMatches(seen.progress, expected.are)],
      ['events', () => assertMatches(seen.events, expected.are)],
      ['snapshots', () => assertMatches(seen.snapshots, expected.are)],
      ['position', () => assertPosition(seen.snapshot, expected)],
    ]);
    const check = checks.get(kind);
    assert.ok(check, `unknown assert ${kind}`);
    check();
  }
}

const ABOUT_CANCELS: ReadonlySet<string> = new Set(['cancelled', 'notCancelled']);
const ABOUT_TOPICS: ReadonlySet<string> = new Set(['messages', 'recovered', 'refused', 'published', 'notPublished']);

function assertError(outcomes: Outcomes, expected: Fields): void {
  assert.equal(outcomes.length, 1, 'it must be settled once');
  const [outcome] = outcomes;
  assert.ok(outcome && 'error' in outcome, 'it must have failed');
  assert.equal(outcome.error.code, expected.code);
  if (expected.retryable !== undefined) assert.equal(outcome.error.retryable, expected.retryable);
  if (expected.partial !== undefined) assert.deepEqual(outcome.error.partial, expected.partial);
}

function assertPosition(snapshot: RequestSnapshot | undefined, expected: Fields): void {
  assert.equal(snapshot?.offset, expected.offset);
  if (expected.epoch !== undefined) assert.equal(snapshot?.epoch, expected.epoch);
}

/**
 * Compares values as "Matching" in the README defines: an object may have further fields, arrays are compared item by item, and other values must be
 * equal.
 */
function assertMatches(actual: unknown, expected: unknown, path = 'value'): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path} must be an array`);
    assert.equal(actual.length, expected.length, `${path} is ${JSON.stringify(actual)}`);
    for (const [i, item] of expected.entries()) assertMatches(actual[i], item, `${path}.${i}`);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${path} must be an object`);
    for (const [key, value] of Object.entries(expected))
      assertMatches((actual as Fields)[key], value, `${path}.${key}`);
  } else {
    assert.deepEqual(actual, expected, `${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
}

function describe(record: SocketRecord): string {
  const { kind } = record;
  return kind === 'frame' ? JSON.stringify(record.frame) : kind === 'connect' ? 'connect' : `close ${record.code}`;
}
