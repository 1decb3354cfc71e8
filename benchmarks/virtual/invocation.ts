import type { Deps } from '../../lambda-src/flows/ports';

/** One invocation of a function, whose process may end at any call. */
export class Invocation {
  /** Resolves when the process has ended. */
  public readonly ended: Promise<'crashed'>;
  private isDead = false;
  private onEnd: () => void = () => undefined;

  public constructor() {
    this.ended = new Promise((resolve) => {
      this.onEnd = () => resolve('crashed');
    });
  }

  public get dead(): boolean {
    return this.isDead;
  }

  public end(): void {
    this.abandon();
    this.onEnd();
  }

  /** Ends the process after the function's answer. */
  public abandon(): void {
    this.isDead = true;
  }
}

/**
 * Returns the dependencies of an invocation whose process may end before or after a call takes effect. After the end of the process, no call returns, so none
 * of its code continues.
 *
 * @param dies returns whether the process ends at this call
 */
export function mortal(deps: Deps, invocation: Invocation, dies: () => boolean): Deps {
  const until = async <T>(result: Promise<T> | T, mayDie: boolean): Promise<T> => {
    const value = await result;
    if (!invocation.dead && mayDie && dies()) invocation.end();
    return invocation.dead ? new Promise<never>(() => undefined) : value;
  };
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    await until(undefined, true);
    return until(run(), true);
  };
  const { store, gateway, platform } = deps;
  return {
    ...deps,
    store: {
      get: (...args) => call(() => store.get(...args)),
      getAll: (...args) => call(() => store.getAll(...args)),
      write: (write) => call(() => store.write(write)),
      transact: (writes) => call(() => store.transact(writes)),
      query: (query) => call(() => store.query(query)),
    },
    gateway: { post: (...args) => call(() => gateway.post(...args)) },
    platform: { ...platform, sleep: (ms, signal) => until(platform.sleep(ms, signal), false) },
  };
}
