import type { Context } from 'aws-lambda';
import { type AcceptConfig, METRICS } from '../../src/contract';
import { type Module, messagesOf, schemaOf } from '../flows/handlers/input';
import { answerSubmission, type SubmissionAnswer, type SubmitterAction } from '../flows/submit/submit';
import { createDeps, createLogger, createMetrics, type LoadModule, logWith, UserModules } from '../runtime';

/** The actions of the generated entry. The entry names all actions; async actions also have a maximum number of attempts and a schema. */
export interface SubmitterOptions {
  readonly actions: Readonly<Record<string, SyncAction | AsyncAction>>;
}

interface SyncAction {
  readonly kind: 'sync';
}

interface AsyncAction extends AcceptConfig {
  readonly kind: 'async';
  readonly schema?: LoadModule;
}

const logger = createLogger('submitter');
const metrics = createMetrics('submitter');

/** Creates the function that accepts requests without a connection, and returns their status. */
export function createSubmitter(options: SubmitterOptions) {
  const actions = actionsOf(options);
  const shared = createDeps(logWith(logger));

  return async (event: unknown, { awsRequestId }: Pick<Context, 'awsRequestId'>): Promise<SubmissionAnswer> => {
    const deps = { ...shared, actions, log: logWith(logger, { requestId: awsRequestId }) };
    const answer = await answerSubmission(deps, event, awsRequestId);
    metrics.add(answer.ok ? METRICS.submissionsAnswered : METRICS.submissionsRefused, 1);
    metrics.publish();
    return answer;
  };
}

/**
 * Returns a module as `import` would. The submitter's entry loads schema modules with `require`; the exports of a CommonJS module are its default
 * export.
 */
const asImported = (module: Module): Module => (module.__esModule ? module : { ...module, default: module });

function actionsOf({ actions }: SubmitterOptions): ReadonlyMap<string, SubmitterAction> {
  const modules = new UserModules(logWith(logger));
  return new Map(
    Object.entries(actions).map(([name, action]): [string, SubmitterAction] => {
      if (action.kind === 'sync') return [name, action];
      const { schema: load, ...config } = action;
      const schema = load && modules.add(`the schema of ${name}`, load, (module) => schemaOf(asImported(module)));
      const messages =
        load && modules.add(`the message schemas of ${name}`, load, (module) => messagesOf(asImported(module)));
      return [name, { ...config, schema, messages }];
    }),
  );
}
