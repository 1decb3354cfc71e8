import { stamped } from '../../../lambda-src/aws/dynamodb/expressions';
import { UncertainWrite } from '../../../lambda-src/core';
import type { Deps, Platform, Query, Store } from '../../../lambda-src/flows/ports';
import type { FaultPlan, PlannedFault } from '../../../local/emulator/chaos';
import type { VirtualClock } from '../clock';
import type { Invocation } from '../invocation';
import { FaultyClient } from './faulty-client';

/** The world of a faulty process. */
export interface FaultyWorld {
  readonly clock: VirtualClock;
  readonly plan: FaultPlan;
  /** Reads an index without the writes since the given time. */
  readonly queryAsOf: (query: Query, time: number) => ReturnType<Store['query']>;
  /** Time at which the world began. */
  readonly beganAt: number;
  /** Called when a process ends early. */
  readonly onKill: () => void;
}

/**
 * Returns the dependencies of one process that suffers from the faults of a plan: it ends or is frozen at one of its calls, its clock is wrong, and its
 * calls are throttled, fail, or take effect without an answer.
 *
 * @param fault fault that ends or freezes the process. @default - the process runs to its end
 */
export function faultyProcess(
  deps: Deps,
  world: FaultyWorld,
  invocation: Invocation,
  fault?: PlannedFault<'invocation'>,
): Deps {
  const life = new Life(world, invocation, fault);
  const { gateway, platform } = deps;
  return {
    ...deps,
    store: faultyStore(deps, world, life),
    gateway: { post: (...args) => life.around(() => gateway.post(...args)) },
    platform: { ...platform, ...life.platform(platform) },
  };
}

/** Returns the tables as the DynamoDB adapter provides them: with the retries of the SDK, and with a `writeId` that recognizes an own write. */
function faultyStore({ store, platform }: Deps, world: FaultyWorld, life: Life): Store {
  const client = new FaultyClient(world, 'dynamodb');
  const read = <T>(call: () => Promise<T>) => life.around(() => client.call('read', call));
  return {
    get: (...args) => read(() => store.get(...args)),
    getAll: (...args) => read(() => store.getAll(...args)),
    query: (query) => read(() => queryLagging(world, store, query)),
    write: (write) =>
      life.around(async () => {
        const writeId = platform.newId();
        const written = client.call('write', () => store.write(stamped(write, writeId)));
        const { applied, item } = await written.catch((error) => Promise.reject(new UncertainWrite(error)));
        return applied ? { applied, item } : { applied: item?.writeId === writeId, item };
      }),
    transact: (writes) =>
      life.around(() => {
        // The token of the call lets DynamoDB recognize a repeated transaction.
        let first: Promise<boolean> | undefined;
        return client.call('write', () => {
          first ??= store.transact(writes);
          return first;
        });
      }),
  };
}

function queryLagging({ plan, clock, queryAsOf }: FaultyWorld, store: Store, query: Query): ReturnType<Store['query']> {
  const lag = query.index && plan.next('index');
  if (!lag) return store.query(query);
  plan.took(lag);
  return queryAsOf(query, clock.now() - lag.ms);
}

/** Ends, freezes and misleads a process. */
class Life {
  private readonly time: PlannedFault<'clock'> | undefined;
  private calls = 0;
  private skewMs = 0;
  private thaws: Promise<void> | undefined;

  public constructor(
    private readonly world: FaultyWorld,
    private readonly invocation: Invocation,
    private readonly end: PlannedFault<'invocation'> | undefined,
  ) {
    this.time = world.plan.next('clock');
    if (this.time?.fault === 'skew') this.skew(this.time);
  }

  public platform({ now, sleep }: Platform): Pick<Platform, 'now' | 'sleep'> {
    return {
      now: () => now() + this.skewMs,
      sleep: (ms, signal) => this.alive(sleep(ms, signal)),
    };
  }

  /** Performs a call. The process may end or freeze before the call, or after it took effect. */
  public async around<T>(call: () => Promise<T>): Promise<T> {
    this.calls += 1;
    const { end, time } = this;
    const isLast = end?.call === this.calls ? end : undefined;
    if (time?.fault === 'jump' && time.call === this.calls) this.skew(time);
    if (isLast && isLast.random < 0.5) this.take(isLast);
    await this.alive(undefined);
    try {
      return await call();
    } finally {
      if (isLast && isLast.random >= 0.5) this.take(isLast);
      await this.alive(undefined);
    }
  }

  private take(fault: PlannedFault<'invocation'>): void {
    if (this.invocation.dead) return;
    if (fault.fault === 'kill') {
      this.world.onKill();
      this.invocation.end();
    } else if (fault.fault === 'freeze') this.thaws = this.world.clock.sleep(fault.ms);
    else return;
    this.world.plan.took(fault);
  }

  private skew(fault: PlannedFault<'clock'>): void {
    this.skewMs = fault.ms;
    this.world.plan.took(fault);
  }

  /** Waits until the process is no longer frozen. After the end of the process, it never returns. */
  private async alive<T>(result: Promise<T> | T): Promise<T> {
    const value = await result;
    await this.thaws;
    return this.invocation.dead ? new Promise<never>(() => undefined) : value;
  }
}
