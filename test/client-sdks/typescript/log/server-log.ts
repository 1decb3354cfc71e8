import * as fc from 'fast-check';
import { type Ack, Reader, type Taken } from './reader';

/** Events between a log and its reader. Numbers choose one of the frames and answers in transit. */
type Step =
  | { readonly kind: 'append' }
  /** The log's oldest entries are deleted. */
  | { readonly kind: 'expire'; readonly count: number }
  /** The log is lost, and a new one begins. */
  | { readonly kind: 'replace' }
  /** The reader requests the log. The answer comes at once or later. */
  | { readonly kind: 'read' }
  | { readonly kind: 'arrive'; readonly choice: number; readonly again: boolean }
  | { readonly kind: 'lose'; readonly choice: number };

const choice = fc.nat(1_000);
export const arbitraryRun: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>({ kind: 'append' }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('arrive' as const), choice, again: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant<Step>({ kind: 'read' }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), choice }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), count: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'replace' }) },
  ),
  { maxLength: 60 },
);

type Packet = { readonly frame: number; readonly epoch: string } | { readonly ack: Ack };

const PAGE = 3;

/** A log, with frames and answers in transit that arrive in any order. */
class Log {
  private life = 0;
  private first = 0;
  end = 0;
  readonly underWay: Packet[] = [];

  get epoch(): string {
    return `epoch-${this.life}`;
  }

  append(): void {
    this.underWay.push({ frame: this.end, epoch: this.epoch });
    this.end += 1;
  }

  expire(count: number): void {
    this.first = Math.min(this.end, this.first + count);
  }

  replace(): void {
    this.life += 1;
    this.first = 0;
    this.end = 0;
  }

  /** Answers a read from `offset` on, as PROTOCOL.md defines. `epoch` is the epoch of that offset. */
  answer({ offset = this.end, epoch = this.epoch }: { offset?: number; epoch?: string }): Ack {
    const recovered = epoch === this.epoch && offset >= this.first && offset <= this.end;
    const from = recovered ? offset : this.first;
    const end = Math.min(from + PAGE, this.end);
    const entries = Array.from({ length: end - from }, (_, i) => from + i);
    return { epoch: this.epoch, offset: end, entries, more: end < this.end, recovered };
  }
}

/** Compares the entries that a reader delivers with the log. */
class Check {
  readonly problems: string[] = [];
  private expected: number | undefined = 0;

  take({ delivers, startsOver }: Taken, packet: Packet): void {
    if (startsOver) this.expected = undefined;
    for (const offset of delivers) {
      if (this.expected !== undefined && offset !== this.expected) {
        this.problems.push(`delivered ${offset} in place of ${this.expected} after ${JSON.stringify(packet)}`);
      }
      this.expected = offset + 1;
    }
  }
}

/** Runs the steps, and then reads until no entry is missing. */
export function run(steps: readonly Step[]) {
  const [log, reader, check] = [new Log(), new Reader(0), new Check()];
  const arrive = (packet: Packet) =>
    check.take(
      'ack' in packet ? reader.ack(packet.ack) : reader.frame({ offset: packet.frame, epoch: packet.epoch }),
      packet,
    );
  const read = () => log.underWay.push({ ack: log.answer(reader.read()) });
  for (const step of steps) {
    if (step.kind === 'append') log.append();
    else if (step.kind === 'expire') log.expire(step.count);
    else if (step.kind === 'replace') log.replace();
    else if (step.kind === 'read') read();
    else {
      const at = step.choice % Math.max(1, log.underWay.length);
      const [packet] =
        step.kind === 'arrive' && step.again ? log.underWay.slice(at, at + 1) : log.underWay.splice(at, 1);
      if (packet && step.kind === 'arrive') arrive(packet);
    }
  }
  for (let pages = 0; pages < 30; pages++) arrive({ ack: log.answer(reader.read()) });
  return { problems: check.problems, delivered: reader.next, end: log.end };
}
