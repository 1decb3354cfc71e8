import { PATHS } from '../../run/http/endpoints';
import type { RunInfo } from '../../run/run-info';
import { findRunFile } from './run-file';

/** Address of `dev` if no other port is set and the default port was free. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4000';
const ANSWER_MS = 2_000;

/** Options for finding the run, and for the error message if there is no run. */
export interface FindOptions {
  /**
   * Address at which to look for a run of another project, so that the error can name that project. @default - the
   * default port of `dev`
   */
  readonly elsewhere?: string;
  /** Whether the command has the options `--url` and `--token`. If so, the error recommends them. @default false */
  readonly takesUrl?: boolean;
}

/** A local run that has answered. */
export interface FoundRun {
  readonly endpoint: string;
  readonly info: RunInfo;
}

/**
 * Finds the run of the project. A run writes its address to a file in the project's folder.
 *
 * @param cwd a folder of the project
 * @throws Error if there is no run. If the run of another project uses the default port, the message names that
 * project.
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

/**
 * Finds the run of the project by the file that the run writes to the project's folder. Returns undefined if the
 * project has no run.
 */
export async function findOwnRun(cwd: string): Promise<FoundRun | undefined> {
  const file = findRunFile(cwd);
  const run = file && (await askRun(file.endpoint));
  // another run may use the port of a run that was killed
  return run?.info.pid === file?.pid ? run : undefined;
}

/**
 * Returns environment variables with which AWS tools use the services of the project's run.
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
  return `this project has no local run, and the run at ${endpoint} belongs to another project${what}: start your own with ${START}${choose || ''}`;
}

/**
 * Checks whether a local run answers at an address.
 *
 * @returns undefined if no local run answers
 */
export async function askRun(endpoint: string): Promise<FoundRun | undefined> {
  try {
    const response = await fetch(`${endpoint}${PATHS.run}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const info = (await response.json()) as RunInfo;
    return response.ok && typeof info.pid === 'number' ? { endpoint, info } : undefined;
  } catch {
    return undefined;
  }
}
