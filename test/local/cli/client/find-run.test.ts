import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRun } from '../../../../local/cli/client/find-run';
import { findRunFile, writeRunFile } from '../../../../local/cli/client/run-file';

const NOWHERE = 'http://127.0.0.1:1';
const PID = 4711;

let server: Server;
let endpoint: string;
let folder: string;

beforeAll(async () => {
  server = createServer((req, res) => {
    res.statusCode = req.url === '/_aws/run' ? 200 : 404;
    res.end(JSON.stringify({ pid: PID, url: 'ws://127.0.0.1:4000/v1', urls: {}, visitors: false, actions: ['greet'] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('the run that the project’s file names is found, also from inside the project', async () => {
  const forget = writeRunFile(folder, { endpoint, pid: PID, variables: {} });
  const inside = join(folder, 'a/b');
  mkdirSync(inside, { recursive: true });

  expect(await findRun(inside, { elsewhere: NOWHERE })).toMatchObject({ endpoint, info: { pid: PID } });
  forget();
  expect(existsSync(join(folder, '.streamer/run.json'))).toBe(false);
});

test('the file of an ended run does not lead to another run at the same address', async () => {
  const forget = writeRunFile(folder, { endpoint, pid: PID + 1, variables: {} });

  await expect(findRun(folder, { elsewhere: NOWHERE, takesUrl: true })).rejects.toThrow(
    `no local run answers at ${endpoint}: start one with \`npx cdk-streamer dev\`, or give --url and --token`,
  );
  forget();
});

test('a folder without a run does not use the run of another project, but names it', async () => {
  await expect(findRun(folder, { elsewhere: endpoint, takesUrl: true })).rejects.toThrow(
    `this project has no local run, and the run at ${endpoint} belongs to another project (its actions: greet): start your own with \`npx cdk-streamer dev\`; to use that one, give --url ws://127.0.0.1:4000/v1`,
  );
  await expect(findRun(folder, { elsewhere: NOWHERE, takesUrl: true })).rejects.toThrow(
    `no local run answers at ${NOWHERE}`,
  );
  await expect(findRun(folder, { elsewhere: endpoint })).rejects.toThrow(
    "start your own with `npx cdk-streamer dev`; to use that one, run this command in that project's folder",
  );
});

test('a run that ends does not remove the file of a later run', () => {
  const forgetFirst = writeRunFile(folder, { endpoint, pid: 1, variables: {} });
  const forgetSecond = writeRunFile(folder, { endpoint, pid: 2, variables: {} });

  forgetFirst();
  expect(findRunFile(folder)).toEqual({ endpoint, pid: 2, variables: {} });
  forgetSecond();
  expect(findRunFile(folder)?.pid).not.toBe(2);
});
