import { decodeRequest, type RequestItem } from '../../../lambda-src/core/request';
import type { Item, Write } from '../../../lambda-src/core/write';
import { claimRequest } from '../../../lambda-src/flows/attempt/claim';
import { type Connection, connect } from '../../../lambda-src/flows/connect/connection';
import type { Deps, Gateway, Log, PostResult, Store } from '../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../lambda-src/flows/requests/accept';
import type { AckFrame, Json } from '../../../lambda-src/protocol';
import { DEFAULTS } from '../../../src/contract';
import { MemoryStore } from '../../fakes/memory-store';
import { FakePlatform } from './fake-platform';

export type Frame = { type: string; id: string } & Record<string, Json>;

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export const ALICE: Connection = { connectionId: 'c-alice', connectedAt: 1_000, tenant: 'acme', user: 'alice' };
export const ALICE_PHONE: Connection = { ...ALICE, connectionId: 'c-phone', connectedAt: 2_000 };
export const MALLORY: Connection = { connectionId: 'c-mallory', connectedAt: 3_000, tenant: 'evil', user: 'alice' };

/** Everything that flows need, in memory: a store whose calls can fail on request, a gateway that records frames, a platform, and a log. */
export class Bench {
  public readonly platform = new FakePlatform();
  public readonly memory = new MemoryStore((write) => this.written.push(write));
  public readonly written: Write[] = [];
  public readonly posts: { readonly to: string; readonly at: number; readonly frame: Frame }[] = [];
  public readonly lines: LogLine[] = [];
  /** Answers of the gateway by connection. Any other connection gets `sent`. */
  public readonly answers = new Map<string, (frame: Frame) => PostResult>();
  /** Called before each call to the store. If it throws, the call rejects with that error. */
  public beforeStore: (call: string, table: string) => void | Promise<void> = () => undefined;

  public readonly store: Store = {
    get: async (table, key) => {
      await this.beforeStore('get', table);
      return this.memory.get(table, key);
    },
    getAll: async (table, keys) => {
      await this.beforeStore('getAll', table);
      return this.memory.getAll(table, keys);
    },
    write: async (write) => {
      await this.beforeStore(write.kind, write.table);
      return this.memory.write(write);
    },
    transact: async (writes) => {
      await this.beforeStore('transact', writes.map(({ table }) => table).join());
      return this.memory.transact(writes);
    },
    query: async (query) => {
      await this.beforeStore('query', query.table);
      return this.memory.query(query);
    },
  };

  public readonly gateway: Gateway = {
    post: async (to, text) => {
      const frame = JSON.parse(text) as Frame;
      this.posts.push({ to, at: this.platform.now(), frame });
      return this.answers.get(to)?.(frame) ?? 'sent';
    },
  };

  private readonly line =
    (level: keyof Log) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void this.lines.push({ level, message, fields });
  public readonly log: Log = {
    debug: this.line('debug'),
    info: this.line('info'),
    warn: this.line('warn'),
    error: this.line('error'),
  };

  public get deps(): Deps {
    const { store, gateway, platform, log } = this;
    return { store, gateway, platform, log, limits: DEFAULTS.limits, retentionSeconds: 86_400 };
  }

  public connect(...connections: Connection[]): Promise<unknown> {
    return Promise.all(connections.map((connection) => connect(this.deps, connection)));
  }

  /** Accepts a request that the given connection sends. */
  public request(id = 'r1', input: Json = { n: 1 }, by: Connection = ALICE, maxAttempts = 3): Promise<AckFrame> {
    return acceptRequest(this.deps, by, { type: 'request', id, action: 'report', input }, { maxAttempts });
  }

  public async stored(id = 'r1', { tenant, user }: Connection = ALICE): Promise<RequestItem> {
    const item = await this.memory.get('requests', { requestKey: `${tenant}#${user}#${id}` });
    if (!item) throw new Error(`there is no request ${id}`);
    return decodeRequest(item);
  }

  /** Claims a request, as a processor does. */
  public async claim(id = 'r1'): Promise<RequestItem> {
    const { requestKey } = await this.stored(id);
    const claimed = await claimRequest({ ...this.deps, store: this.memory }, requestKey, { messageId: 'm1' });
    if (claimed.kind !== 'claimed') throw new Error(`${id} could not be claimed`);
    return claimed.request;
  }

  /** Accepts and claims a request. */
  public async running(id = 'r1'): Promise<RequestItem> {
    await this.request(id);
    return this.claim(id);
  }

  public entries(request: RequestItem): Promise<Item[]> {
    return this.memory.query({ table: 'events', partition: `${request.requestKey}#${request.epoch}`, from: 0 });
  }

  public head(request: RequestItem): Promise<Item | undefined> {
    return this.memory.get('events', { logKey: `${request.requestKey}#${request.epoch}`, offset: -1 });
  }

  /** Returns the frames that were posted to a connection. */
  public to({ connectionId }: { readonly connectionId: string }): Frame[] {
    return this.posts.filter(({ to }) => to === connectionId).map(({ frame }) => frame);
  }
}
