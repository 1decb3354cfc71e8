import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { inProjectFolder, makeProjectFolder } from '../project-folder';

/** The file of a project that contains the address of its run. */
const FILE = 'run.json';

/** Content of the file, written by the command that runs the project. */
export interface RunFile {
  /** Address of the run, such as `http://127.0.0.1:4000`. */
  readonly endpoint: string;
  /** Process id of the run. If the run was killed, the file still exists. */
  readonly pid: number;
  /** Environment variables with which AWS tools use the run's services, including credentials. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Writes the address of the project's run to the project's folder.
 *
 * @returns a function that removes the file
 */
export function writeRunFile(cwd: string, run: RunFile): () => void {
  const file = inProjectFolder(cwd, FILE);
  makeProjectFolder(cwd);
  // an existing file would keep its mode; with the mode 0600 only this user can read the credentials
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(run)}\n`, { mode: 0o600 });
  const remove = () => {
    process.removeListener('exit', remove);
    // a later run of the same project may have replaced the file
    if (readRunFile(cwd)?.pid === run.pid) rmSync(file, { force: true });
  };
  process.once('exit', remove);
  return remove;
}

/** Reads the file from this folder, or from the nearest folder above it that has one. */
export function findRunFile(cwd: string): RunFile | undefined {
  const found = readRunFile(cwd);
  const parent = path.dirname(cwd);
  return found || parent === cwd ? found : findRunFile(parent);
}

function readRunFile(folder: string): RunFile | undefined {
  try {
    const file = JSON.parse(readFileSync(inProjectFolder(folder, FILE), 'utf8')) as Partial<RunFile>;
    const { endpoint, pid, variables = {} } = file;
    return typeof endpoint === 'string' && typeof pid === 'number' ? { endpoint, pid, variables } : undefined;
  } catch {
    return undefined;
  }
}
