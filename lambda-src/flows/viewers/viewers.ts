import { CONNECTIONS } from '../../../src/contract';
import {
  channelOf,
  decodeViewer,
  isTerminal,
  logKey,
  type Origin,
  type RequestItem,
  subscriptionKey,
} from '../../core';
import type { Deps } from '../ports';
import { FrameQueue, type Outgoing, ViewerLine } from './viewer-line';

export interface ViewersOptions {
  /** Whether a frame is dropped, instead of kept, if a viewer is busy. @default false */
  readonly once?: boolean;
}

/**
 * Maximum time in milliseconds, also the default, that a function waits for pending frames before it returns. After the return, Lambda freezes the
 * process.
 */
const FLUSH_MS = 1_000;

/** The viewers of one request with their pending frames. Senders never wait for a viewer. */
export class Viewers {
  private readonly log: string;
  private readonly outbox = new FrameQueue();
  private readonly gone = new Set<string>();
  private readonly served = new WeakSet<ViewerLine>();
  private lastProgress: Outgoing | undefined;
  private lines = new Map<string, ViewerLine>();
  private originIsLive: Promise<boolean> | undefined;
  private working = Promise.resolve();
  private isWorking = false;
  private mayHaveCome = true;
  private ended = false;

  public constructor(
    private readonly deps: Deps,
    private readonly request: RequestItem,
    private readonly options: ViewersOptions = {},
  ) {
    this.log = logKey(request);
  }

  /** Sends a frame to each viewer. Frames are sent in the order of the calls. Returns at once. */
  public send(frame: Outgoing): void {
    if (this.ended) return;
    this.outbox.push(frame);
    if (!this.isWorking) this.working = this.work();
  }

  /** Handles a new viewer. Before the next frame is sent, the viewers are read again, and the pauses of busy viewers end. */
  public seeNewcomers(): void {
    this.mayHaveCome = true;
    for (const line of this.lines.values()) line.hurry();
  }

  /** Waits until all frames were sent, for the given time at most, then stops sending. */
  public async close(maxMs = FLUSH_MS): Promise<void> {
    if (this.ended) return;
    const isOver = new AbortController();
    await Promise.race([this.settled(), this.deps.platform.sleep(maxMs, isOver.signal)]);
    isOver.abort();
    this.ended = true;
    this.outbox.takeAll();
    for (const line of this.lines.values()) line.end();
  }

  private async settled(): Promise<void> {
    await this.working;
    await Promise.all([...this.lines.values()].map((line) => line.settled()));
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    while (!this.outbox.isEmpty) {
      const frames = this.outbox.takeAll();
      if (this.mayHaveCome || frames.some(({ kind }) => kind === 'entry')) await this.lookAgain();
      if (this.ended) break;
      this.pass(frames);
    }
    this.isWorking = false;
  }

  /**
   * Passes frames to the viewers. If a viewer attached after the last progress was sent, it gets that progress before the entry. The viewer's answer
   * to `attach` also contains the progress, but the entry may arrive before that answer. After a terminal entry, no progress is delivered.
   */
  private pass(frames: readonly Outgoing[]): void {
    const progress = frames.findLast(({ kind }) => kind === 'progress');
    for (const line of this.lines.values()) {
      if (this.lastProgress && !progress && !this.served.has(line)) line.send(this.lastProgress);
      for (const frame of frames) line.send(frame);
      this.served.add(line);
    }
    this.lastProgress = progress ?? this.lastProgress;
  }

  /** Reads the viewers again. A failure is ignored: the log contains the frames that cannot be sent now, so a viewer only has to attach again. */
  private async lookAgain(): Promise<void> {
    try {
      this.mayHaveCome = false;
      await this.refresh();
    } catch (error) {
      this.mayHaveCome = true;
      this.deps.log.warn('the viewers could not be read', { error });
    }
  }

  /**
   * Reads the viewers consistently, after the frame's entry was appended. So a viewer that attached before the append is sent the frame, and one that
   * attaches later reads it from the log.
   */
  private async refresh(): Promise<void> {
    const [rows, originIsLive] = await Promise.all([
      this.deps.store.query({ table: 'subscriptions', partition: channelOf(this.log) }),
      this.isOriginLive(),
    ]);
    const { origin } = this.request;
    const found = rows.map(decodeViewer).filter(({ leftAt }) => leftAt === undefined);
    if (origin && originIsLive) found.unshift({ ...origin });
    this.serve(found.filter(({ connectionId }) => !this.gone.has(connectionId)));
  }

  private serve(viewers: readonly Origin[]): void {
    const before = this.lines;
    this.lines = new Map(
      viewers.map((viewer) => {
        const line = before.get(viewer.connectionId);
        return [viewer.connectionId, line?.viewer.connectedAt === viewer.connectedAt ? line : this.lineTo(viewer)];
      }),
    );
    for (const [id, line] of before) if (this.lines.get(id) !== line) line.end();
  }

  private lineTo(viewer: Origin): ViewerLine {
    const { deps, request } = this;
    const subscription = subscriptionKey(this.log, viewer.connectionId);
    return new ViewerLine({
      ...{ deps, viewer, subscription },
      once: this.options.once ?? false,
      stays: request.cancelAfterMs !== undefined && !isTerminal(request.status),
      onGone: () => {
        this.gone.add(viewer.connectionId);
        this.lines.delete(viewer.connectionId);
      },
    });
  }

  private isOriginLive(): Promise<boolean> {
    this.originIsLive ??= isLive(this.deps, this.request).catch((error) => {
      this.originIsLive = undefined;
      throw error;
    });
    return this.originIsLive;
  }
}

/**
 * Whether the first viewer is still connected. The request itself names the first viewer, which is the connection that sent the request. If
 * the request is cancelled after its viewers have left, the first viewer has a subscription like the others, and this function returns false.
 */
async function isLive(deps: Deps, request: RequestItem): Promise<boolean> {
  const { origin, tenant, cancelAfterMs } = request;
  if (!origin || cancelAfterMs !== undefined) return false;
  const connection = await deps.store.get('connections', { [CONNECTIONS.partitionKey]: origin.connectionId });
  return connection?.connectedAt === origin.connectedAt && connection.tenant === tenant;
}
