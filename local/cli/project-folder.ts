import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** The folder of a project that holds the state of its run and the address of the run. */
const FOLDER = '.streamer';

/** Path of a file in the folder, which may not exist. */
export function inProjectFolder(cwd: string, ...names: readonly string[]): string {
  return path.join(cwd, FOLDER, ...names);
}

/** Creates the folder. It holds private keys and credentials, so Git ignores it, unless a `.gitignore` in it exists already. */
export function makeProjectFolder(cwd: string): void {
  mkdirSync(inProjectFolder(cwd), { recursive: true });
  try {
    writeFileSync(inProjectFolder(cwd, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
