import type { Moment } from '../core/transitions';
import type { Deps } from './ports';

/** When a flow writes, and how long what it writes is kept. */
export const momentOf = ({ world, retentionSeconds }: Pick<Deps, 'world' | 'retentionSeconds'>): Moment => ({
  now: world.now(),
  retentionSeconds,
});
