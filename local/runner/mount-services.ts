import { LambdaApi } from '../lambda-api';
import type { RunContext } from './context';
import { PATHS } from './endpoints';
import type { Front } from './front';
import { otherServices } from './other-services';
import { answerJson, pages } from './pages';
import { qualifiers } from './qualifiers';
import { runInfo } from './run-info';
import type { LocalRun } from './types';

/** Opens the paths of the run's server by which functions and pages reach the services. */
export function mountServices(context: RunContext, front: Front, run: LocalRun): void {
  const { options, log } = context;
  const { sqs, s3, events, secrets, issuer } = run;
  const lambda = lambdaApi(context, run);
  front.mount(PATHS.lambda, (req, res) => lambda.handleRequest(req, res));
  front.mount(PATHS.sqs, (req, res) => sqs.handleRequest(req, res));
  front.mount(PATHS.events, (req, res) => events.handleRequest(req, res));
  front.mount(PATHS.secrets, (req, res) => secrets.handleRequest(req, res));
  front.mount(PATHS.s3, (req, res) => s3.handleRequest(req, res));
  front.mount(
    PATHS.other,
    otherServices((key) => callerOf(run, key), log),
  );
  front.mount(PATHS.outputs, (_req, res) => answerJson(res, run.outputs));
  front.mount(PATHS.run, (_req, res) => answerJson(res, runInfo(run)));
  if (issuer) front.mount(PATHS.token, (req, res) => issuer.handleTokenRequest(req, res));
  if (options.pages)
    front.mount(
      '',
      pages(options.pages.dir, () => pageConfig(run)),
    );
}

function lambdaApi({ assembly, log, options }: RunContext, { host, functions }: LocalRun): LambdaApi {
  const versions = qualifiers(assembly);
  const arns = new Map(functions.map(({ functionName, functionArn }) => [functionName, functionArn]));
  return new LambdaApi({
    invoker: host,
    log,
    newId: options.newId,
    find: (name) => {
      const functionArn = arns.get(name);
      return functionArn === undefined ? undefined : { functionArn, versions: versions.get(name) ?? new Map() };
    },
  });
}

/** The function that signs with an access key. */
function callerOf({ host, functions }: LocalRun, accessKeyId: string): string | undefined {
  return functions.find(({ functionName }) => host.credentialsOf(functionName).accessKeyId === accessKeyId)
    ?.functionName;
}

/** What a page needs to know of the run. */
function pageConfig({ url, outputs, issuer }: LocalRun): unknown {
  return { url, ...(issuer ? { tokenUrl: PATHS.token } : {}), outputs };
}
