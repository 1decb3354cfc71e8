import type { Context } from 'aws-lambda';
import { answerSubmission, type SubmissionAnswer } from '../flows/answer-submission';
import { type Module, schemaOf } from '../flows/input';
import type { SubmitterAction } from '../flows/submit';
import { type ActionConfigs, readJson, readLimits } from '../runtime/config';
import { createDeps } from '../runtime/deps';
import { createLogger, createMetrics, logWith, MetricUnit } from '../runtime/observability';
import { type LoadModule, UserModules } from '../runtime/user-modules';

/** The actions as the generated entry lists them: of all the names, of async ones the schema. */
export interface SubmitterOptions {
  readonly actions: Readonly<Record<string, { readonly schema?: LoadModule }>>;
}

const logger = createLogger('submitter');
const metrics = createMetrics('submitter');

/** The function that takes requests without a connection, and says how they stand. */
export function createSubmitter(options: SubmitterOptions) {
  const actions = actionsOf(options, readJson<ActionConfigs>('actions'));
  const limits = readLimits();
  const shared = createDeps(logWith(logger));

  return async (event: unknown, { awsRequestId }: Pick<Context, 'awsRequestId'>): Promise<SubmissionAnswer> => {
    const deps = { ...shared, actions, limits, log: logWith(logger, { requestId: awsRequestId }) };
    const answer = await answerSubmission(deps, event, awsRequestId);
    metrics.addMetric(answer.ok ? 'SubmissionsAnswered' : 'SubmissionsRefused', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
    return answer;
  };
}

/** The submitter's entry requires its schemas. What a CommonJS module exports is its default export, as `import` sees it. */
const asImported = (module: Module): Module => (module.__esModule ? module : { ...module, default: module });

/** Only async actions have a configuration. */
function actionsOf({ actions }: SubmitterOptions, configs: ActionConfigs): ReadonlyMap<string, SubmitterAction> {
  const modules = new UserModules(logWith(logger));
  return new Map(
    Object.entries(actions).map(([name, { schema: load }]): [string, SubmitterAction] => {
      if (!Object.hasOwn(configs, name)) return [name, { kind: 'sync' }];
      const schema = load && modules.add(`the schema of ${name}`, load, (module) => schemaOf(asImported(module)));
      return [name, { kind: 'async', schema, maxTries: configs[name].maxTries }];
    }),
  );
}
