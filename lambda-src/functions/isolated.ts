import { inputOf, type RunnableHandler } from '../flows/input';
import { answerRouter } from '../flows/isolated';
import type { Envelope, RemoteEvent } from '../flows/remote';
import { createLogger, logWith } from '../runtime/observability';
import { world } from '../runtime/world';

export interface IsolatedOptions {
  readonly action: string;
  /** The default export of the handler's module. */
  readonly handler: RunnableHandler;
}

/** The function of one isolated sync handler: the router invokes it. */
export function createIsolated({ action, handler }: IsolatedOptions) {
  const logger = createLogger(action);
  const schema = inputOf(handler);
  return (event: RemoteEvent): Promise<Envelope> =>
    answerRouter({ world, log: logWith(logger), run: handler.run, schema }, event);
}
