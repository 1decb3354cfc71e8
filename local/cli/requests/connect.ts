import { type ApiTables, connectOperations, findStack, type RequestOperations } from '../../operations';
import { findRun } from '../client/find-run';
import { findRunFile } from '../client/run-file';
import type { ApiChoice } from './options';

/**
 * Connects to the requests of the local run, or of a deployed stack. @throws Error if there is no API, or if there are
 * several APIs and the user has not chosen one
 */
export async function connect({ stack, region, api }: ApiChoice, cwd: string): Promise<RequestOperations> {
  if (stack !== undefined) {
    const found = await findStack({ stackName: stack, region });
    return connectOperations(chooseApi(found.apis, api, `the stack ${stack}`), { region: found.region });
  }
  const { info, endpoint } = await findRun(cwd);
  const variables = findRunFile(cwd)?.variables ?? {};
  return connectOperations(chooseApi(info.apis, api, `the app at ${endpoint}`), {
    endpoint: variables.AWS_ENDPOINT_URL_DYNAMODB,
    region: variables.AWS_REGION,
    credentials: {
      accessKeyId: variables.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
}

function chooseApi(apis: readonly ApiTables[], wanted: string | undefined, where: string): ApiTables {
  const names = apis.map(({ api }) => api).join(', ');
  const [first, second] = wanted === undefined ? apis : apis.filter(({ api }) => api === wanted);
  if (!first)
    throw new Error(names === '' ? `${where} has no Streamer API` : `${where} has no API ${wanted}: ${names}`);
  if (second) throw new Error(`${where} has several APIs, choose one with --api: ${names}`);
  return first;
}
