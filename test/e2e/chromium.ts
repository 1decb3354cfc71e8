import { execFileSync } from 'node:child_process';
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

/** `CHROMIUM_PATH`, a browser on the PATH or in a usual place, or the one that an npm package unpacks. */
export function findChromium(): Browser {
  const executablePath = installed();
  if (executablePath) return { executablePath, args: ARGS };
  if (!PACKAGE_SERVES) throw new Error('no Chromium is installed');
  return fromPackage();
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

/** Unpacked in a process of its own: the package is an ES module, which the tests' loader does not load. */
function fromPackage(): Browser {
  const unpack = `import chromium from '@sparticuz/chromium';
    const executablePath = await chromium.executablePath();
    console.log(JSON.stringify({ executablePath, args: chromium.args }));`;
  const options = { cwd: __dirname, encoding: 'utf8' } as const;
  const found = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', unpack], options)) as Browser;
  return { executablePath: found.executablePath, args: [...found.args, ...ARGS] };
}
