import type { FrameKind } from './frame-kind';
import { Ring } from './ring';
import type { TimingKind, TimingSample } from './types';

const MAX_SAMPLES = 2000;
/** Maximum number of unfinished requests; the oldest is discarded first. */
const MAX_OPEN = 2000;

interface Open {
  readonly action: string;
  readonly sentAt: number;
  ackedAt?: number;
  progressed?: boolean;
}

/**
 * Measures requests by their frames. For a sync action, it measures the time until the response. For an async action,
 * it measures the times until the ack, from the ack to the first progress, and from the ack to the end. It also follows
 * a request to other connections of its user.
 */
export class Timings {
  private readonly open = new Map<string, Open>();
  private readonly samples = new Ring<TimingSample>(MAX_SAMPLES);

  public constructor(private readonly onSample: (sample: TimingSample) => void = () => undefined) {}

  public all(): readonly TimingSample[] {
    return this.samples.all();
  }

  /** @param owner user of the request, because two users may choose the same id */
  public frame(owner: string, direction: 'in' | 'out', kind: FrameKind, at: number): void {
    if (kind.id === undefined) return;
    const key = `${owner} ${kind.id}`;
    if (direction === 'in') this.received(key, kind, at);
    else this.sent(key, kind, at);
  }

  private received(key: string, { type, action }: FrameKind, at: number): void {
    // if a request is sent again, the time of the first frame is kept
    if (type !== 'request' || action === undefined || this.open.has(key)) return;
    this.open.set(key, { action, sentAt: at });
    if (this.open.size > MAX_OPEN) this.open.delete(this.open.keys().next().value as string);
  }

  private sent(key: string, { type, offset, replayed }: FrameKind, at: number): void {
    const request = this.open.get(key);
    if (!request) return;
    if (type === 'response') this.end(key, 'sync', request, at - request.sentAt);
    else if (type === 'ack' && replayed) this.open.delete(key);
    else if (type === 'ack') this.acked(request, at);
    else if (type === 'progress') this.progressed(request, at);
    else if (type === 'result' || type === 'error') this.ended(key, request, offset, at);
  }

  /** Ends the measurement of a request. An error without an offset refuses a message and does not end a request. */
  private ended(key: string, request: Open, offset: number | undefined, at: number): void {
    if (offset === undefined || request.ackedAt === undefined) this.open.delete(key);
    else this.end(key, 'done', request, at - request.ackedAt);
  }

  private acked(request: Open, at: number): void {
    if (request.ackedAt !== undefined) return;
    request.ackedAt = at;
    this.add('ack', request, at, at - request.sentAt);
  }

  private progressed(request: Open, at: number): void {
    if (request.ackedAt === undefined || request.progressed) return;
    request.progressed = true;
    this.add('progress', request, at, at - request.ackedAt);
  }

  private end(key: string, kind: TimingKind, request: Open, ms: number): void {
    this.open.delete(key);
    this.add(kind, request, (request.ackedAt ?? request.sentAt) + ms, ms);
  }

  private add(kind: TimingKind, { action }: Open, at: number, ms: number): void {
    const sample = { at, kind, action, ms };
    this.samples.add(sample);
    this.onSample(sample);
  }
}
