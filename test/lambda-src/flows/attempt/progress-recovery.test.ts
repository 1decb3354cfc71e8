import * as fc from 'fast-check';
import { processMessage } from '../../../../lambda-src/flows/attempt/process';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { type AckFrame, CONSTANTS, type LogFrame, type ProgressFrame } from '../../../../lambda-src/protocol';
import { ALICE, Bench } from '../../support/bench';

/**
 * A client whose connection is cut once while a job reports progress. The client follows the rules of "What a client does".
 *
 * Times are virtual. The property generates the time of the cut, the time without a connection, and the duration of an answer.
 */
interface Plan {
  readonly cutAt: number;
  readonly away: number;
  /** Milliseconds between the reading of the log and the arrival of the `ack`. Posted frames arrive at once. */
  readonly ackTakes: number;
  /** Whether the server notices that the connection has ended. If not, it posts frames that are lost. */
  readonly isNoticed: boolean;
  /** Milliseconds that each call to the tables takes. */
  readonly storeTakes: number;
  /** Number of updates in one job, and milliseconds between them. */
  readonly updates: number;
  readonly everyMs: number;
}

const SECOND: Connection = { ...ALICE, connectionId: 'c-again', connectedAt: 2_000 };

class Client {
  /** `seq` of each report that the application received. */
  public readonly reports: (number | undefined)[] = [];
  public settled = false;
  public expected = 0;
  private seq = -1;
  private held = new Map<number, LogFrame>();

  /** Handles a frame. @returns whether an entry is missing, so that the client must attach */
  public take(frame: LogFrame | ProgressFrame): boolean {
    if (this.settled) return false;
    if (frame.type === 'progress') {
      if (frame.seq > this.seq) {
        this.seq = frame.seq;
        this.reports.push(frame.percentage);
      }
      return frame.afterOffset > this.expected;
    }
    if (frame.offset >= this.expected) this.held.set(frame.offset, frame);
    for (let next = this.held.get(this.expected); next && !this.settled; next = this.held.get(this.expected)) {
      this.settled = next.type !== 'event';
      this.expected += 1;
    }
    return frame.offset >= this.expected;
  }

  public takeAck({ entries = [], progress }: AckFrame): void {
    const endsRun = entries.length > 0 && entries[entries.length - 1]?.type !== 'event';
    const before = endsRun ? entries.slice(0, -1) : entries;
    for (const frame of [...before, ...(progress ? [progress] : []), ...entries.slice(before.length)]) this.take(frame);
  }
}

async function run(plan: Plan): Promise<Client> {
  const bench = new Bench();
  const { platform } = bench;
  const client = new Client();
  await bench.connect(ALICE, SECOND);
  await bench.request();
  const start = platform.now();
  let isAttached = false;
  let isAttaching = false;

  const read = async () => {
    if (isAttaching) return;
    isAttaching = true;
    const message = { type: 'attach', id: 'r1', offset: client.expected } as const;
    const ack = await attach(bench.deps, SECOND, message);
    isAttached = true;
    await platform.sleep(plan.ackTakes);
    isAttaching = false;
    client.takeAck(ack);
  };
  bench.gateway.post = async (to, text) => {
    const isCut = platform.now() - start >= plan.cutAt;
    if (to === ALICE.connectionId && isCut) return plan.isNoticed ? 'gone' : 'sent';
    if (to === SECOND.connectionId && !isAttached && !isAttaching) return 'sent';
    if (client.take(JSON.parse(text)) && to === SECOND.connectionId) void read();
    return 'sent';
  };

  const { requestKey } = await bench.stored();
  bench.beforeStore = () => (plan.storeTakes > 0 ? platform.sleep(plan.storeTakes) : undefined);
  const processing = processMessage(
    {
      ...bench.deps,
      noteStart: async () => undefined,
      heartbeat: {
        start: async () => undefined,
        sawHead: () => undefined,
        handlerEnded: () => undefined,
        stop: () => undefined,
      },
      run: async ({ progress }) => {
        for (let update = 1; update <= plan.updates; update++) {
          await platform.sleep(plan.everyMs);
          progress((100 * update) / plan.updates);
        }
      },
      parseInput: async (input) => input,
      progressRate: CONSTANTS.timing.progressPerSecond,
      retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    },
    { messageId: 'm1', body: { requestKey }, functionEndsAt: start + 300_000 },
  );
  void platform.sleep(plan.cutAt + plan.away).then(read);
  await platform.advance(plan.cutAt + plan.away + plan.updates * plan.everyMs + 5_000);
  await processing;
  // If the client has received nothing for its watch time, it attaches again.
  if (!client.settled) await Promise.all([read(), platform.advance(1_000)]);
  return client;
}

/** Plans like the job of the figure: 10 updates, 20 ms apart. Other plans last long enough that their progress is stored several times. */
const plans = fc.record({
  cutAt: fc.nat(260),
  away: fc.nat(600),
  ackTakes: fc.nat(60),
  storeTakes: fc.nat(8),
  isNoticed: fc.boolean(),
  updates: fc.constantFrom(10, 10, 10, 3, 40),
  everyMs: fc.constantFrom(20, 20, 20, 1, 90),
});

test('no update is delivered twice, and the last one is delivered before the result, whenever the connection is cut', async () => {
  let recovered = 0;
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const { settled, reports } = await run(plan);
      if (reports.length > 1) recovered++;
      expect({ settled, last: reports.at(-1) }).toEqual({ settled: true, last: 100 });
      expect(reports).toEqual([...new Set(reports)]);
    }),
    { numRuns: 400 },
  );
  expect(recovered).toBeGreaterThan(200);
});

test('a hundred jobs of ten updates recover, each with a connection that is cut at another time', async () => {
  const job = { ackTakes: 5, storeTakes: 4, isNoticed: false, updates: 10, everyMs: 20 };
  const jobs = Array.from({ length: 100 }, (_, n) => ({ ...job, cutAt: (n * 37) % 260, away: (n * 61) % 500 }));
  const clients = await Promise.all(jobs.map(run));
  const duplicates = clients.filter(({ reports }) => new Set(reports).size !== reports.length);
  const missing = clients.filter(({ settled, reports }) => !settled || reports.at(-1) !== 100);

  expect([duplicates.length, missing.length]).toEqual([0, 0]);
});
