import type { UntypedActions } from '../client-sdks/typescript/src/types';
import type { LocalStreamer, LocalStreamerOptions, Synthesizable } from './streamer-types';

/**
 * Synthesizes the app of a stack and runs it on this machine as `cdk-streamer dev` does: functions in separate
 * processes, tables, queues and the WebSocket API. Start the run once per test file in `beforeAll`, and close it in
 * `afterAll`.
 *
 * `Actions` are the types of the client: `createLocalStreamer<ActionsOf<…>>(stack)`.
 *
 * @param stackOrApp any construct of the app
 * @throws Error if the app cannot be synthesized or run, or has no WebSocket API; parts that had started are stopped
 */
export async function createLocalStreamer<Actions = UntypedActions>(
  stackOrApp: Synthesizable,
  options: LocalStreamerOptions = {},
): Promise<LocalStreamer<Actions>> {
  // loaded on demand, so that tests that run only a handler start faster
  const { startStreamer } = await import('./local-streamer');
  return startStreamer<Actions>(stackOrApp, options);
}
