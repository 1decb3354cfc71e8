import { PATHS } from '../../runner/endpoints';
import type { RunInfo } from '../../runner/run-info';
import { findRunFile } from './run-file';

/** Address of `dev` unless another port is set or the default port is in use. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4000';
const ANSWER_MS = 2_000;

/** A run that answers. */
export interface FoundRun {
  readonly endpoint: string;
  readonly info: RunInfo;
}

/**
 * Finds the project's own run by the file that it writes to the project's folder.
 *
 * @param cwd a folder of the project
 * @throws Error if there is no run; the message names a run of another project at the default port, which must be selected with `--url`
 */
export async function findRun(cwd: string, elsewhere = DEFAULT_ENDPOINT): Promise<FoundRun> {
  const file = findRunFile(cwd);
  const own = file && (await askRun(file.endpoint));
  // another run may have taken the place of one that was killed
  if (own && own.info.pid === file.pid) return own;
  const other = await askRun(elsewhere);
  throw new Error(other ? foreignRun(other) : `no local run answers at ${file?.endpoint ?? elsewhere}: ${START}`);
}

/**
 * Environment variables with which AWS tools use the services of the project's own run.
 *
 * @throws Error if there is no run
 */
export async function findVariables(cwd: string): Promise<Readonly<Record<string, string>>> {
  await findRun(cwd);
  return findRunFile(cwd)?.variables ?? {};
}

const START = 'start one with `cdk-streamer dev`, or give --url and --token';

function foreignRun({ endpoint, info: { url, actions } }: FoundRun): string {
  const what = actions.length === 0 ? '' : ` (its actions: ${actions.join(', ')})`;
  const choose = url === undefined ? '' : `; to use that one, give --url ${url}`;
  return `this project has no local run, and the one at ${endpoint} is another project's${what}: start yours with \`cdk-streamer dev\`${choose}`;
}

/** @returns undefined where nothing answers as a run does */
export async function askRun(endpoint: string): Promise<FoundRun | undefined> {
  try {
    const response = await fetch(`${endpoint}${PATHS.run}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const info = (await response.json()) as RunInfo;
    return response.ok && typeof info.pid === 'number' ? { endpoint, info } : undefined;
  } catch {
    return undefined;
  }
}
