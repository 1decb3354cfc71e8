import { spawn } from 'node:child_process';
import type { LogSink } from '../emulator/types';

interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, Opener>>> = {
  darwin: { command: 'open', args: [] },
  // the first argument in quotes would be the window's title
  win32: { command: 'cmd', args: ['/c', 'start', '""'] },
};

const OTHERS: Opener = { command: 'xdg-open', args: [] };

export interface BrowserWorld {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly spawn: typeof spawn;
}

const thisWorld: BrowserWorld = { platform: process.platform, env: process.env, spawn };

/** Opens a page in the user's browser. Where no user is present, as in CI, it prints the reason instead. */
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
