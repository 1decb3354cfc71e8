import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { inProjectFolder, makeProjectFolder } from '../project-folder';

/** The file of a project that contains the address of its run. */
const FILE = 'run.json';

/** The run of a project, as described by the command that runs it. */
export interface RunFile {
  /** `http://127.0.0.1:4000` */
  readonly endpoint: string;
  /** Process id; the file may outlive the process. */
  readonly pid: number;
  /** Environment variables with which AWS tools use the run's services, including credentials. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Writes the address of the project's run to its folder. @returns a function that removes it */
export function writeRunFile(cwd: string, run: RunFile): () => void {
  const file = inProjectFolder(cwd, FILE);
  makeProjectFolder(cwd);
  // only this user may read the credentials
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(run)}\n`, { mode: 0o600 });
  const remove = () => {
    process.removeListener('exit', remove);
    // a later run of the same project has written its own
    if (readRunFile(cwd)?.pid === run.pid) rmSync(file, { force: true });
  };
  process.once('exit', remove);
  return remove;
}

/** Reads the file of this folder, or of the nearest folder above it. */
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
