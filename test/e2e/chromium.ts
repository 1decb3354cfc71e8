import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Flags for a browser in a container: no sandbox of its own, no GPU, no /dev/shm. */
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

export interface Browser {
  readonly executablePath: string;
  readonly args: string[];
}

/** `CHROMIUM_PATH`, a browser on the PATH or in a usual place, or the one that an npm package unpacks; nothing where none runs. */
export async function findChromium(): Promise<Browser | undefined> {
  const named = process.env.CHROMIUM_PATH;
  if (named) return { executablePath: named, args: ARGS };
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  const executablePath = candidates.find(isExecutable);
  return executablePath ? { executablePath, args: ARGS } : fromPackage();
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Built for Linux on x64, and in need of a few system libraries: it may not start. */
async function fromPackage(): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { default: chromium } = await import('@sparticuz/chromium');
  return { executablePath: await chromium.executablePath(), args: [...chromium.args, ...ARGS] };
}
