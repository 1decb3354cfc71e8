import { StreamerClient } from '../../client-sdks/typescript/src';
import { maxPerSecond, VirtualGateway } from '../../test/client-sdks/typescript/support/virtual-gateway';
import { randomNumbers } from '../../test/support/random';
import { VirtualClock } from './clock';

/** The first connections of the clients are spread over this time, as after an earlier loss of all connections. */
const START_MS = 25_000;

/** Many clients without work on one gateway, in virtual time. Each has the code of a real client. */
export class Crowd {
  private readonly clock = new VirtualClock();
  private readonly gateway: VirtualGateway;
  private readonly clients: StreamerClient[];
  /** Number of changes to `disconnected`, including those of failed attempts. */
  disconnects = 0;

  constructor(seed: number, count: number) {
    const random = randomNumbers(seed);
    const { clock } = this;
    this.gateway = new VirtualGateway({ clock, random });
    this.clients = Array.from({ length: count }, () => {
      const client = this.create(random);
      clock.setTimeout(() => void client.connect(), random() * START_MS);
      return client;
    });
  }

  /** Connects all clients. */
  async start(): Promise<void> {
    await this.untilConnected();
    this.takeConnects();
  }

  /** Runs for the given time. @returns the most new connections within a second */
  async run(ms: number): Promise<number> {
    const end = this.clock.now() + ms;
    await this.clock.runUntil(() => this.clock.now() >= end);
    return maxPerSecond(this.takeConnects());
  }

  /**
   * Ends all connections at the same time.
   *
   * @param outageMs time for which all handshakes fail
   * @returns the most attempts to connect within a second, and the times in milliseconds until the clients were connected, in order
   */
  async storm(outageMs: number): Promise<{ max: number; times: number[] }> {
    const begin = this.clock.now();
    const times: number[] = [];
    const stops = this.clients.map((client) =>
      client.on('state', (state) => {
        if (state === 'connected') times.push(this.clock.now() - begin);
      }),
    );
    this.gateway.isDown = outageMs > 0;
    this.clock.setTimeout(() => {
      this.gateway.isDown = false;
    }, outageMs);
    this.gateway.dropAll();
    await this.untilConnected();
    for (const stop of stops) stop();
    return { max: maxPerSecond(this.takeConnects()), times };
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  private create(random: () => number): StreamerClient {
    return new StreamerClient('wss://streamer.example.com', {
      token: () => 'token',
      webSocket: this.gateway.webSocket,
      clock: this.clock as never,
      random,
      wake: () => () => undefined,
      onStateChange: (state) => {
        if (state === 'disconnected') this.disconnects += 1;
      },
    });
  }

  private untilConnected(): Promise<void> {
    return this.clock.runUntil(() => this.gateway.open.size >= this.clients.length && this.isAllConnected());
  }

  private isAllConnected(): boolean {
    return this.clients.every(({ state }) => state === 'connected');
  }

  private takeConnects(): number[] {
    return this.gateway.connects.splice(0);
  }
}
