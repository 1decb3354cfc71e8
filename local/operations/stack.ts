import { signedHeaders } from '../emulator/http';
import { type ApiTables, apisOf, type Environment } from './api-tables';
import { createClient } from './connect';
import { type CallAws, resourcesOf } from './stack-resources';

/** A deployed stack. */
export interface StackOptions {
  readonly stackName: string;
  /** Region of the stack. @default - that of the environment or of the AWS configuration files */
  readonly region?: string;
}

export interface FoundStack {
  readonly region: string;
  /** The Streamer APIs of the stack and of its nested stacks. */
  readonly apis: readonly ApiTables[];
}

/** Number of functions that are read at a time. */
const CONCURRENCY = 8;

/**
 * Finds the tables of the APIs of a deployed stack. The environment variables of the stack's functions contain the
 * names of the tables. The caller needs the permissions `cloudformation:ListStackResources` and
 * `lambda:GetFunctionConfiguration`.
 *
 * @throws Error if the stack or its region is unknown, or a permission is missing
 */
export async function findStack({ stackName, region }: StackOptions, env = process.env): Promise<FoundStack> {
  const { call, region: known } = await awsCaller(region, env);
  const functions = await functionsOf(call, stackName);
  const environments: Environment[] = [];
  const read = async () => {
    for (let name = functions.pop(); name !== undefined; name = functions.pop()) {
      environments.push(await environmentOf(call, name));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, read));
  return { region: known, apis: apisOf(environments) };
}

async function functionsOf(call: CallAws, stackName: string): Promise<string[]> {
  const resources = await resourcesOf(call, stackName);
  const nested = resources.filter(({ type }) => type === 'AWS::CloudFormation::Stack');
  const inner = await Promise.all(nested.map(({ physicalId }) => functionsOf(call, physicalId)));
  const own = resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ physicalId }) => physicalId);
  return [...own, ...inner.flat()];
}

async function environmentOf(call: CallAws, name: string): Promise<Environment> {
  const text = await call('lambda', `/2015-03-31/functions/${encodeURIComponent(name)}/configuration`);
  return (JSON.parse(text) as { Environment?: { Variables?: Environment } }).Environment?.Variables ?? {};
}

/**
 * Creates a function that calls AWS with the credentials that the AWS SDK finds: from the environment, a profile,
 * single sign-on, or the role of the machine.
 */
async function awsCaller(given: string | undefined, env: NodeJS.ProcessEnv) {
  const { config } = createClient(given === undefined ? {} : { region: given });
  const region = await config.region().catch(() => {
    throw new Error('the region is unknown: give --region, or set AWS_REGION');
  });
  const call: CallAws = async (service, path, body) => {
    const url = `${originOf(service, region, env)}${path}`;
    const method = body ? 'POST' : 'GET';
    const headers: Record<string, string> = body
      ? { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
      : {};
    const request = { url, service, region, method, headers, body: body?.toString() ?? '' };
    const signed = await signedHeaders(await config.credentials(), request);
    const response = await fetch(url, { method, headers: signed, ...(body && { body: request.body }) });
    const text = await response.text();
    if (response.ok) return text;
    throw new Error(`${service} in ${region} answered ${response.status}: ${messageOf(text)}`);
  };
  return { call, region };
}

/**
 * Returns the endpoint that the standard variables of the AWS SDKs set for a service, or else the service's own
 * endpoint.
 */
function originOf(service: string, region: string, env: NodeJS.ProcessEnv): string {
  const override = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env.AWS_ENDPOINT_URL;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return override?.replace(/\/$/, '') ?? `https://${service}.${region}.${suffix}`;
}

/** Returns the message of an error, which is either XML or JSON. */
const messageOf = (text: string): string =>
  /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? /"[Mm]essage":\s*"([^"]*)"/.exec(text)?.[1] ?? text.slice(0, 200);
