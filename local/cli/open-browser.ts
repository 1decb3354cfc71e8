import { spawn } from 'node:child_process';
import type { LogSink } from '../emulator/types';

interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, Opener>>> = {
  darwin: { command: 'open', args: [] },
  // `start` uses the first argument in quotes as the title of the window
  win32: { command: 'cmd', args: ['/c', 'start', '""'] },
};

const OTHERS: Opener = { command: 'xdg-open', args: [] };

export interface BrowserWorld {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly spawn: typeof spawn;
}

const thisWorld: BrowserWorld = { platform: process.platform, env: process.env, spawn };

/** Opens a page in the user's browser. If there is no user, as in CI, it logs the reason instead. */
export function openBrowser(url: string, log: LogSink, world: BrowserWorld = thisWorld): void {
  const tell = (why: string) => log({ source: 'run', level: 'info', message: `no browser was opened: ${why}` });
  if (world.env.CI) {
    tell('this is CI');
    return;
  }
  const { command, args } = OPENERS[world.platform] ?? OTHERS;
  const child = world.spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', ({ message }) => tell(message));
  child.unref();
}
