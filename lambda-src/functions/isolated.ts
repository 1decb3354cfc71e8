import { DEFAULTS } from '../../src/contract';
import { handlerOf, inputOf } from '../flows/handlers/input';
import type { Envelope, RemoteEvent } from '../flows/handlers/invoked-function';
import { answerRouter } from '../flows/handlers/sync-run';
import { createLogger, logWith, platform } from '../runtime';

export interface IsolatedOptions {
  readonly action: string;
  /** The default export of the handler's module. */
  readonly handler: unknown;
}

/** Creates the function of one isolated sync handler. The router invokes the function, and checks the limits of the API. */
export function createIsolated(options: IsolatedOptions) {
  const { action } = options;
  const logger = createLogger(action);
  const handler = handlerOf({ default: options.handler });
  const schema = inputOf(handler);
  return (event: RemoteEvent): Promise<Envelope> =>
    answerRouter({ platform, log: logWith(logger), limits: DEFAULTS.limits, run: handler.run, schema }, event);
}
