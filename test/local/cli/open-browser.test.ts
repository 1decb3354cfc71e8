import { EventEmitter } from 'node:events';
import { type BrowserWorld, openBrowser } from '../../../local/cli/open-browser';

const URL = 'http://127.0.0.1:4000/_console';

function open(platform: NodeJS.Platform, env: Record<string, string> = {}) {
  const calls: string[][] = [];
  const told: string[] = [];
  const child = Object.assign(new EventEmitter(), { unref: () => undefined });
  const spawn = (command: string, args: string[]) => {
    calls.push([command, ...args]);
    return child;
  };
  const world = { platform, env, spawn } as unknown as BrowserWorld;
  openBrowser(URL, ({ message }) => told.push(message), world);
  return { calls, told, child };
}

test.each([
  ['darwin', ['open', URL]],
  ['linux', ['xdg-open', URL]],
  ['win32', ['cmd', '/c', 'start', '""', URL]],
] as const)('on %s the browser is opened by %j', (platform, call) => {
  expect(open(platform).calls).toEqual([call]);
});

test('in CI nothing is opened, and that is reported', () => {
  const { calls, told } = open('linux', { CI: 'true' });
  expect(calls).toEqual([]);
  expect(told).toEqual(['no browser was opened: this is CI']);
});

test('if there is no program that opens a browser, that is reported', () => {
  const { told, child } = open('linux');
  child.emit('error', new Error('spawn xdg-open ENOENT'));
  expect(told).toEqual(['no browser was opened: spawn xdg-open ENOENT']);
});
