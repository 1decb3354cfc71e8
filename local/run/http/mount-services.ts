import type { EntryPoint } from '../../emulator/http';
import { LambdaApi } from '../../emulator/lambda/api';
import type { RunContext } from '../context';
import type { UnavailableFunction } from '../from-template/functions';
import { qualifiers } from '../from-template/qualifiers';
import { runInfo } from '../run-info';
import type { LocalRun, RunningFunction } from '../types';
import { PATHS } from './endpoints';
import { otherServices } from './other-services';
import { answerJson, onlyMethods, pages } from './pages';
import { serveSchedules } from './schedules';

const READ = ['GET', 'HEAD'];

/** Mounts the services on the run's server, at the paths that functions and pages use. */
export function mountServices(
  context: RunContext,
  entryPoint: EntryPoint,
  run: LocalRun,
  unavailable: readonly UnavailableFunction[],
): void {
  const { options, log } = context;
  const { dynamodb, sqs, s3, events, secrets, issuer } = run;
  entryPoint.mountService(PATHS.dynamodb, dynamodb.api);
  entryPoint.mountService(PATHS.lambda, lambdaApi(context, run, unavailable));
  entryPoint.mountService(PATHS.sqs, context.chaos?.service(sqs.api) ?? sqs.api);
  entryPoint.mountService(PATHS.events, events.api);
  entryPoint.mountService(PATHS.secrets, secrets.api);
  entryPoint.mountService(PATHS.s3, s3.api);
  // the run refuses calls to services that it does not emulate, and logs them
  entryPoint.mount(
    PATHS.other,
    'programs',
    otherServices((key) => context.credentials.find(key)?.name, log),
  );
  entryPoint.mount(
    PATHS.outputs,
    'own-pages',
    onlyMethods(READ, (_req, res) => answerJson(res, run.outputs)),
  );
  entryPoint.mount(
    PATHS.run,
    'own-pages',
    onlyMethods(READ, (_req, res) => answerJson(res, runInfo(run))),
  );
  entryPoint.mount(PATHS.schedules, 'programs', onlyMethods(['GET', 'POST'], serveSchedules(run.schedules)));
  if (issuer) entryPoint.mount(PATHS.token, 'loopback-pages', (req, res) => issuer.handleTokenRequest(req, res));
  if (options.pages)
    entryPoint.mount(
      '',
      'own-pages',
      pages(options.pages.dir, () => pageConfig(run)),
    );
}

function lambdaApi(
  { assembly, log }: RunContext,
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
    find: (name) => {
      const found = known.find(({ functionName }) => functionName === name);
      if (!found) return undefined;
      const { functionArn, problem } = found;
      return { functionArn, versions: versions.get(name) ?? new Map(), problem };
    },
  });
}

/** Returns the addresses of the run that a page needs. */
function pageConfig({ url, outputs, issuer }: LocalRun): unknown {
  return { url, ...(issuer ? { tokenUrl: PATHS.token } : {}), outputs };
}
