/** Deviation of the clock of a process. */
export interface ClockFault {
  /** Milliseconds that are added to the time; negative for a slow clock. */
  readonly ms: number;
  /** Milliseconds from the start of the process to the deviation. */
  readonly afterMs: number;
}

/** Returns arguments of Node.js that make the clock of a process deviate. They also apply to the worker threads of the process. */
export function clockArgs({ ms, afterMs }: ClockFault): string[] {
  const source = `(${String(deviate)})(${Number(ms)}, ${Number(afterMs)})`;
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
}

/** Replaces `Date`. The function runs in the process of the function, so it may use only the globals of Node.js. */
function deviate(ms: number, afterMs: number): void {
  const Exact = Date;
  const now = () => Exact.now() + (process.uptime() * 1000 >= afterMs ? ms : 0);
  globalThis.Date = new Proxy(Exact, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    apply: () => new Exact(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
