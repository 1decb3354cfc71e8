/** Number of callbacks that a turn of the event loop runs. */
const TURN = 256;

/** Callers that wait for their callback, in their order. */
const callers: (() => void)[] = [];
let callbacks = 0;

/**
 * Waits until every promise that can continue has continued. Timers and I/O may still wait.
 *
 * Node.js lets all promises continue after each callback of `setImmediate`. A turn of the event loop also asks the operating system for events, which
 * takes longer than a step of a simulation. So a turn has many callbacks, one for each caller that comes during the turn.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    callers.push(resolve);
    if (callbacks === 0) startTurn();
  });
}

function startTurn(): void {
  callbacks = TURN;
  for (let n = 0; n < TURN; n++) setImmediate(callNext);
}

function callNext(): void {
  callbacks--;
  callers.shift()?.();
  if (callbacks === 0 && callers.length > 0) startTurn();
}
