import { PATHS } from '../../run/http/endpoints';
import type { RunInfo } from '../../run/run-info';
import { findRunFile } from './run-file';

/** Address of `dev` unless another port is set or the default port is in use. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4000';
const ANSWER_MS = 2_000;

/** Options for finding the run, and for the error if there is none. */
export interface FindOptions {
  /** Address at which a run of another project is looked for, to name it in the error. @default - the default port of `dev` */
  readonly elsewhere?: string;
  /** Whether the command has `--url` and `--token`, which the error then advises. @default false */
  readonly takesUrl?: boolean;
}

/** A run that answers. */
export interface FoundRun {
  readonly endpoint: string;
  readonly info: RunInfo;
}

/**
 * Finds the project's own run by the file that it writes to the project's folder.
 *
 * @param cwd a folder of the project
 * @throws Error if there is no run; the message names a run of another project at the default port
 */
export async function findRun(cwd: string, options: FindOptions = {}): Promise<FoundRun> {
  const { elsewhere = DEFAULT_ENDPOINT, takesUrl = false } = options;
  const own = await findOwnRun(cwd);
  if (own) return own;
  const other = await askRun(elsewhere);
  if (other) throw new Error(foreignRun(other, takesUrl));
  const instead = takesUrl ? ', or give --url and --token' : '';
  throw new Error(
    `no local run answers at ${findRunFile(cwd)?.endpoint ?? elsewhere}: start one with ${START}${instead}`,
  );
}

/** The run of the project, by the file that it writes to the project's folder; undefined if it does not run. */
export async function findOwnRun(cwd: string): Promise<FoundRun | undefined> {
  const file = findRunFile(cwd);
  const run = file && (await askRun(file.endpoint));
  // another run may have taken the place of one that was killed
  return run?.info.pid === file?.pid ? run : undefined;
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

const START = '`npx cdk-streamer dev`';

function foreignRun({ endpoint, info: { url, actions } }: FoundRun, takesUrl: boolean): string {
  const what = actions.length === 0 ? '' : ` (its actions: ${actions.join(', ')})`;
  const choose = takesUrl
    ? url !== undefined && `; to use that one, give --url ${url}`
    : "; to use that one, run this command in that project's folder";
  return `this project has no local run, and the one at ${endpoint} is another project's${what}: start yours with ${START}${choose || ''}`;
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
