import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserModules } from '../../../lambda-src/runtime/user-modules';
import { Bench } from '../support/bench';

let folder: string;
let marker: string;
let bench: Bench;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modules-'));
  marker = join(folder, 'marker');
  bench = new Bench();
});
afterEach(() => rmSync(folder, { recursive: true }));

const modules = (retryable = false) => new UserModules(bench.log, retryable, marker);
const add = (to: UserModules, load: () => object) => to.add('the handler of report', load as never, (module) => module);

test('a module is loaded at once, and only once', async () => {
  const load = jest.fn(() => ({ default: 1 }));
  const get = add(modules(), load);

  expect(load).toHaveBeenCalledTimes(1);
  expect(await get()).toEqual({ default: 1 });
  expect(await get()).toEqual({ default: 1 });
  expect(load).toHaveBeenCalledTimes(1);
  expect(existsSync(marker)).toBe(false);
});

test.each([
  true,
  false,
])('an error that a module throws fails each request that needs the module, and is logged; retryable: %s', async (retryable) => {
  const cause = new Error('DATABASE_URL is not set');
  const all = modules(retryable);
  const get = add(all, () => Promise.reject(cause));

  await expect(get()).rejects.toMatchObject({ code: 'HANDLER_NOT_LOADED', retryable, cause });
  await expect(get()).rejects.toMatchObject({ code: 'HANDLER_NOT_LOADED' });
  expect(all.failed).toBe(true);
  expect(bench.lines).toEqual([
    { level: 'error', message: 'the handler of report could not be loaded', fields: { error: cause } },
  ]);
  expect(existsSync(marker)).toBe(false);
});

test('a module without the needed export counts as not loaded', async () => {
  const get = modules().add(
    'the handler of report',
    () => ({}),
    () => {
      throw new TypeError('the module has no handler');
    },
  );

  await expect(get()).rejects.toMatchObject({
    code: 'HANDLER_NOT_LOADED',
    message: 'The handler could not be loaded.',
  });
});

test('if a process ended while it loaded a module, the next one loads modules when they are needed', async () => {
  const dying = modules();
  add(dying, () => new Promise(() => undefined) as never);
  expect(existsSync(marker)).toBe(true);

  const load = jest.fn(() => ({ default: 1 }));
  const get = add(modules(), load);
  expect(load).not.toHaveBeenCalled();
  expect(await get()).toEqual({ default: 1 });

  // The load succeeded, so the next process loads at once again.
  add(modules(), load);
  expect(load).toHaveBeenCalledTimes(2);
});

test('modules are loaded even if the marker cannot be written or is a symbolic link', async () => {
  const precious = join(folder, 'precious');
  writeFileSync(precious, 'kept');
  symlinkSync(join(folder, 'dangling'), marker);
  expect(await add(modules(), () => ({ default: 1 }))()).toEqual({ default: 1 });
  expect(existsSync(join(folder, 'dangling'))).toBe(false);

  const nowhere = new UserModules(bench.log, false, join(folder, 'no', 'folder'));
  expect(await add(nowhere, () => ({ default: 2 }))()).toEqual({ default: 2 });
});
