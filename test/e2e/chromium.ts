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
 * Flags for a browser in a container: no sandbox, no GPU, no /dev/shm. The npm package recommends flags for Lambda. One
 * of them, `--single-process`, ends the browser when a second page is opened.
 */
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** Time limit in milliseconds. On a busy machine, a browser starts and draws slowly. */
const PATIENCE_MS = 120_000;

/** A browser program and the environment variables that it needs. */
export interface Program {
  readonly executablePath: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Whether the browser of the npm package can run: it is built for Linux on x64. */
const PACKAGE_SERVES = process.platform === 'linux' && process.arch === 'x64';

/**
 * Finds a browser: at `CHROMIUM_PATH`, otherwise on the PATH or in a usual folder, otherwise in an npm package. With
 * `STREAMER_BROWSER=package`, browsers of the system are ignored.
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
 * Returns the browser of the npm package. The package writes its browser to the temporary folder, and uses an existing
 * file without checking that it is complete. Two tests may start at the same time, so each uses a separate folder. The
 * first one renames its folder to that of the cache.
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
  // it is an ES module, which the tests cannot load; as on Lambda, it also unpacks system libraries
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

/** Adds the system libraries of the package (NSS and others) if the machine does not have them. */
function withLibraries(program: Program, cache: string): Program | undefined {
  const complete = { ...program, env: { ...program.env, LD_LIBRARY_PATH: join(cache, 'al2023/lib') } };
  return [program, complete].find(starts);
}

/**
 * Whether a program starts. A file with a browser's name may not be a browser: Ubuntu's `chromium-browser` only names a
 * package to install.
 */
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

/** A test that is skipped if there is no browser. With `STREAMER_REQUIRE_BROWSER`, it fails instead. */
export const browserTest = program !== undefined || process.env.STREAMER_REQUIRE_BROWSER ? test : test.skip;

/** Starts the browser. The caller must close it. */
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

/** Creates a page. Its waits end with an event; the time limit is only for events that never occur. */
export async function newPage(browser: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}
