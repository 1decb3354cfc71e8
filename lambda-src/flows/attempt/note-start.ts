import { noteStart, SILENCE_MS } from '../../core/transitions';
import type { Deps } from '../ports';

/** Interval at which a process records that it starts requests, which is much shorter than the time after which requests fail without a record. */
const INTERVAL_MS = SILENCE_MS / 36;

/** Records that the action's function starts requests: at its first request, and then at most once per interval. */
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
