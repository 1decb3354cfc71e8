import { PATHS } from '../../runner/endpoints';
import type { RunInfo } from '../../runner/run-info';
import { findRunFile } from './run-file';

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4000';
const ANSWER_MS = 2_000;

/** A run that answers. */
export interface FoundRun {
  readonly endpoint: string;
  readonly info: RunInfo;
}

/**
 * The project's own run, else one at the default port.
 *
 * @param cwd a folder of the project
 * @throws Error when there is none
 */
export async function findRun(cwd: string, elsewhere = DEFAULT_ENDPOINT): Promise<FoundRun> {
  const file = findRunFile(cwd);
  const own = file && (await askRun(file.endpoint));
  // another run may have taken the place of one that was killed
  if (own && own.info.pid === file.pid) return own;
  const other = await askRun(elsewhere);
  if (other) return other;
  throw new Error(
    `no local run answers at ${file?.endpoint ?? elsewhere}: start one with \`cdk-streamer dev\`, or give --url and --token`,
  );
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
