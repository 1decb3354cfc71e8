import { noteStart, SILENCE_MS } from '../core/transitions';
import type { Deps } from './ports';

/** How often a process notes that it lives: far more often than anybody draws a conclusion from its silence. */
const INTERVAL_MS = SILENCE_MS / 36;

/** Notes that the action's function starts requests: with the first one, and from then on now and then. */
export function startNoter(deps: Pick<Deps, 'store' | 'world' | 'log'>, action: string): () => Promise<void> {
  let notedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = deps.world.now();
    if (now - notedAt < INTERVAL_MS) return;
    notedAt = now;
    try {
      await deps.store.write(noteStart(action, now));
    } catch (error) {
      notedAt = Number.NEGATIVE_INFINITY;
      deps.log.warn('the start of a request could not be noted', { error });
    }
  };
}
