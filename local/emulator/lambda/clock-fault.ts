/** Deviation of the clock of a process. */
export interface ClockFault {
  /** Milliseconds that are added to the time; negative for a slow clock. */
  readonly ms: number;
  /** Milliseconds from the start of the process to the deviation. */
  readonly afterMs: number;
}

/** Returns arguments of Node.js that make the clock of a process deviate. They also apply to worker threads whose code is a file. */
export function clockArgs({ ms, afterMs }: ClockFault): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(deviation(ms, afterMs))}`];
}

/** Returns a module that replaces `Date`. It is a string, because a bundler would add calls of its own helpers to a function. */
const deviation = (ms: number, afterMs: number): string => `
const Exact = Date;
const now = () => Exact.now() + (process.uptime() * 1000 >= ${afterMs} ? ${ms} : 0);
globalThis.Date = new Proxy(Exact, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new Exact(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
`;
