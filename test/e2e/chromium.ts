import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/**
 * Flags for a browser in a container: no sandbox of its own, no GPU, no /dev/shm. The flags that the npm package recommends are for Lambda:
 * with its `--single-process` the browser ends when a second page is opened.
 */
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** A browser on a loaded machine is slow to start and to draw. */
const PATIENCE_MS = 120_000;

/** A browser program and the environment variables that it needs. */
export interface Program {
  readonly executablePath: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The browser of the npm package is built for Linux on x64. */
const PACKAGE_SERVES = process.platform === 'linux' && process.arch === 'x64';

/**
 * `CHROMIUM_PATH`, else a browser on the PATH or in a usual place, else that of an npm package. `STREAMER_BROWSER=package` ignores the
 * browsers of the system.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): Program | undefined {
  const installed = env.STREAMER_BROWSER === 'package' ? undefined : installedProgram(env);
  if (installed !== undefined) return { executablePath: installed };
  return PACKAGE_SERVES ? packageProgram() : undefined;
}

function installedProgram({ PATH = '', CHROMIUM_PATH }: NodeJS.ProcessEnv): string | undefined {
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES].find(
    (file) => isExecutable(file) && starts({ executablePath: file }),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The package unpacks its browser into the temporary folder, and takes a file that is there already without asking whether it is whole. Two
 * tests that start together must not meet in that: each unpacks into a folder of its own, and the first one names its folder as the cache.
 */
function packageProgram(): Program | undefined {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string };
  const modules = join(packageFolder(), '../..');
  const cache = join(modules, '.cache/cdk-streamer', `chromium-${version}`);
  if (!existsSync(cache)) unpack(cache);
  return withLibraries(
    { executablePath: join(cache, 'chromium'), env: { FONTCONFIG_PATH: join(cache, 'fonts') } },
    cache,
  );
}

function packageFolder(): string {
  return join(dirname(require.resolve('@sparticuz/chromium')), '../..');
}

function unpack(cache: string): void {
  mkdirSync(dirname(cache), { recursive: true });
  const own = mkdtempSync(`${cache}-`);
  // an ES module, which the tests' loader does not load; as on Lambda, it unpacks system libraries too
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
  const env = { ...process.env, TMPDIR: own, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x', NODE_OPTIONS: '' };
  execFileSync(process.execPath, ['-e', script], { cwd: __dirname, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const fonts = join(own, 'fonts/fonts.conf');
  writeFileSync(fonts, readFileSync(fonts, 'utf8').replaceAll('/tmp/', `${cache}/`));
  try {
    renameSync(own, cache);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(cache)) throw error;
  }
}

/** A machine without the browser's system libraries (NSS and others) takes those of the package. */
function withLibraries(program: Program, cache: string): Program | undefined {
  const complete = { ...program, env: { ...program.env, LD_LIBRARY_PATH: join(cache, 'al2023/lib') } };
  return [program, complete].find(starts);
}

/** A file by a browser's name may be none: Ubuntu's `chromium-browser` only names a package to install. */
function starts({ executablePath, env }: Program): boolean {
  try {
    execFileSync(executablePath, ['--version'], { stdio: 'ignore', env: { ...process.env, ...env } });
    return true;
  } catch {
    return false;
  }
}

const program = findChromium();
if (program === undefined)
  console.warn('BROWSER TESTS SKIPPED: no Chromium runs here. Install one, or name it by CHROMIUM_PATH.');

/** A test that is skipped where no browser is found, unless `STREAMER_REQUIRE_BROWSER` makes that a failure. */
export const browserTest = program !== undefined || process.env.STREAMER_REQUIRE_BROWSER ? test : test.skip;

/** Starts the browser; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  if (program === undefined) throw new Error('no Chromium is installed');
  const { executablePath, env } = program;
  return chromium.launch({
    executablePath,
    args: ARGS,
    env: { ...(process.env as Record<string, string>), ...env },
    headless: true,
    timeout: PATIENCE_MS,
  });
}

/** A page whose waits end by an event; the limit is for what never happens. */
export async function newPage(browser: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}
