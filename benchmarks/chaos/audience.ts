import type { StreamerClient } from '../../client-sdks/typescript/src';
import type { Clock } from '../../local/emulator/types';
import { Viewer } from './viewer';

/** Requests of one experiment, and the time in which they are sent. */
export interface Workload {
  readonly seed: number;
  readonly requests: number;
  /** Events that the handler of each request emits. */
  readonly events: number;
}

export interface AudienceOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly action: string;
  readonly requests: number;
  /** Time in which all requests are sent, in milliseconds for each request. */
  readonly sendMs: number;
  /** Returns the input of a request. */
  readonly inputOf: (id: string) => unknown;
  /** Creates the client of one device. */
  readonly connect: (user: string) => StreamerClient;
}

const REQUESTS_PER_USER = 10;
/** Longest time until the second device of the user attaches, in milliseconds. */
const ATTACH_MS = 8_000;

/** Users who send requests from one device, and follow them from a second device. */
export class Audience {
  public readonly viewers: Viewer[] = [];
  private readonly clients: StreamerClient[] = [];

  public constructor(private readonly options: AudienceOptions) {}

  /** Lets all users begin. */
  public start(): void {
    const { requests } = this.options;
    for (let first = 0; first < requests; first += REQUESTS_PER_USER) {
      this.startUser(first, Math.min(requests, first + REQUESTS_PER_USER));
    }
  }

  /** Whether each device has an outcome of each request. */
  public get isServed(): boolean {
    const { viewers } = this;
    return viewers.length === 2 * this.options.requests && viewers.every(({ settled }) => settled > 0);
  }

  public close(): void {
    for (const client of this.clients) client.close();
  }

  private startUser(first: number, last: number): void {
    const { clock, random, requests, sendMs, connect } = this.options;
    const user = `u${first}`;
    const [page, phone] = [connect(user), connect(user)];
    this.clients.push(page, phone);
    for (let n = first; n < last; n++) {
      clock.setTimeout(() => this.follow(page, phone, user, `r${n}`), random() * requests * sendMs);
    }
  }

  /** Sends a request, and lets the second device attach after the acknowledgment. */
  private follow(page: StreamerClient, phone: StreamerClient, user: string, id: string): void {
    const { clock, random, action, inputOf } = this.options;
    const sender = this.viewer(user, id);
    const attach = () => {
      const second = this.viewer(user, id);
      second.settleBy(phone.attach(action, { id }, second.listeners));
    };
    sender.onAck = () => clock.setTimeout(attach, random() * ATTACH_MS);
    sender.settleBy(page.request(action, inputOf(id), { id, ...sender.listeners }));
  }

  private viewer(user: string, id: string): Viewer {
    const viewer = new Viewer(user, id);
    this.viewers.push(viewer);
    return viewer;
  }
}
