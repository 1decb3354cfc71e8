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

/** The browser of an npm package is built for Linux on x64, and needs a few system libraries. */
const PACKAGE_SERVES = process.platform === 'linux' && process.arch === 'x64';

/** Whether there is a browser to try. */
export const mayHaveChromium = (): boolean => installed() !== undefined || PACKAGE_SERVES;

/** `CHROMIUM_PATH`, a browser on the PATH or in a usual place, or the one that an npm package unpacks. */
export async function findChromium(): Promise<Browser> {
  const executablePath = installed();
  return executablePath ? { executablePath, args: ARGS } : fromPackage();
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const usual = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  return process.env.CHROMIUM_PATH || usual.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function fromPackage(): Promise<Browser> {
  const { default: chromium } = await import('@sparticuz/chromium');
  return { executablePath: await chromium.executablePath(), args: [...chromium.args, ...ARGS] };
}
