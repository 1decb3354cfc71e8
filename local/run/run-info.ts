import type { ApiTables } from '../operations/api-tables';
import { actionsOf } from './from-template/actions';
import { PATHS } from './http/endpoints';
import type { LocalRun } from './types';

/** Description of a run for other programs on this machine. They read it at {@link PATHS.run}. */
export interface RunInfo {
  /** Process id of the run. If the answer at this address contains another id, it comes from another run. */
  readonly pid: number;
  /** Address of the WebSocket API; absent if the application has none. */
  readonly url?: string;
  readonly urls: Readonly<Record<string, string>>;
  /** Path of the token endpoint; absent if the application does not verify tokens itself. */
  readonly tokenPath?: string;
  /** Whether the application accepts visitors without a login. */
  readonly visitors: boolean;
  /** Actions of all APIs of the application. */
  readonly actions: readonly string[];
  /** Sync actions of the application. Their requests are not stored. */
  readonly syncActions: readonly string[];
  /** Tables of the application's APIs. */
  readonly apis: readonly ApiTables[];
}

export function runInfo({ url, urls, issuer, visitors, functions, apis }: LocalRun): RunInfo {
  const modes = actionsOf(functions);
  const actions = Object.keys(modes);
  const syncActions = actions.filter((action) => modes[action] === 'sync');
  return {
    pid: process.pid,
    url,
    urls,
    ...(issuer && { tokenPath: PATHS.token }),
    visitors,
    actions,
    syncActions,
    apis,
  };
}
