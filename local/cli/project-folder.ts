import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** Name of the project's folder for the run's state and the file with the run's address. */
const FOLDER = '.streamer';

/** Returns the path of a file in this folder. The file need not exist. */
export function inProjectFolder(cwd: string, ...names: readonly string[]): string {
  return path.join(cwd, FOLDER, ...names);
}

/**
 * Creates the folder with a `.gitignore` that excludes it. The folder contains private keys and credentials, so only this
 * user can read it. An existing `.gitignore` is kept.
 */
export function makeProjectFolder(cwd: string): void {
  mkdirSync(inProjectFolder(cwd), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(inProjectFolder(cwd, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
