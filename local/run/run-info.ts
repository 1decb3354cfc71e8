import { actionsOf } from './from-template/actions';
import { PATHS } from './http/endpoints';
import type { LocalRun } from './types';

/** The description of a run that other programs of this machine read at {@link PATHS.run}. */
export interface RunInfo {
  /** Process id of the run: another one at this address is another run. */
  readonly pid: number;
  /** Absent if the application has no WebSocket API. */
  readonly url?: string;
  readonly urls: Readonly<Record<string, string>>;
  /** Path of the token endpoint; absent if the application verifies no tokens itself. */
  readonly tokenPath?: string;
  /** Whether it takes visitors without a login. */
  readonly visitors: boolean;
  /** Actions of all its APIs. */
  readonly actions: readonly string[];
  /** The sync actions among them, whose requests are not stored. */
  readonly syncActions: readonly string[];
}

export function runInfo({ url, urls, issuer, visitors, functions }: LocalRun): RunInfo {
  const modes = actionsOf(functions);
  const actions = Object.keys(modes);
  const syncActions = actions.filter((action) => modes[action] === 'sync');
  return { pid: process.pid, url, urls, ...(issuer && { tokenPath: PATHS.token }), visitors, actions, syncActions };
}
