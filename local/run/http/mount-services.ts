import { LambdaApi } from '../../emulator/lambda/api';
import type { RunContext } from '../context';
import type { UnavailableFunction } from '../from-template/functions';
import { qualifiers } from '../from-template/qualifiers';
import { runInfo } from '../run-info';
import type { LocalRun, RunningFunction } from '../types';
import { PATHS } from './endpoints';
import type { Front } from './front';
import { otherServices } from './other-services';
import { answerJson, pages } from './pages';

/** Opens the paths of the run's server by which functions and pages reach the services. */
export function mountServices(
  context: RunContext,
  front: Front,
  run: LocalRun,
  unavailable: readonly UnavailableFunction[],
): void {
  const { options, log } = context;
  const { sqs, s3, events, secrets, issuer } = run;
  const lambda = lambdaApi(context, run, unavailable);
  front.mountService(PATHS.lambda, 'lambda', (req, res) => lambda.handleRequest(req, res));
  front.mountService(PATHS.sqs, 'sqs', (req, res) => sqs.handleRequest(req, res));
  front.mountService(PATHS.events, 'events', (req, res) => events.handleRequest(req, res));
  front.mountService(PATHS.secrets, 'secretsmanager', (req, res) => secrets.handleRequest(req, res));
  front.mountStorage(PATHS.s3, (req, res, verdict) => s3.handleRequest(req, res, verdict));
  // calls of services that are not emulated are only logged
  front.mount(
    PATHS.other,
    'programs',
    otherServices((key) => context.credentials.find(key)?.name, log),
  );
  front.mount(PATHS.outputs, 'own-pages', (_req, res) => answerJson(res, run.outputs));
  front.mount(PATHS.run, 'own-pages', (_req, res) => answerJson(res, runInfo(run)));
  if (issuer) front.mount(PATHS.token, 'loopback-pages', (req, res) => issuer.handleTokenRequest(req, res));
  if (options.pages)
    front.mount(
      '',
      'own-pages',
      pages(options.pages.dir, () => pageConfig(run)),
    );
}

function lambdaApi(
  { assembly, log, options }: RunContext,
  { host, functions }: LocalRun,
  unavailable: readonly UnavailableFunction[],
): LambdaApi {
  const versions = qualifiers(assembly);
  const known: readonly (Pick<RunningFunction, 'functionName' | 'functionArn'> & { readonly problem?: string })[] = [
    ...functions,
    ...unavailable,
  ];
  return new LambdaApi({
    invoker: host,
    log,
    newId: options.newId,
    find: (name) => {
      const found = known.find(({ functionName }) => functionName === name);
      if (!found) return undefined;
      const { functionArn, problem } = found;
      return { functionArn, versions: versions.get(name) ?? new Map(), problem };
    },
  });
}

/** What a page needs to know of the run. */
function pageConfig({ url, outputs, issuer }: LocalRun): unknown {
  return { url, ...(issuer ? { tokenUrl: PATHS.token } : {}), outputs };
}
