import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRunFile } from '../../../../local/cli/client/run-file';
import type { CliIo } from '../../../../local/cli/command';
import { envCommand } from '../../../../local/cli/commands/env';

const folder = mkdtempSync(join(tmpdir(), 'env-command-'));
const server = createServer((_req, res) => res.end(JSON.stringify({ pid: process.pid, urls: {}, actions: [] })));

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("env prints the run's variables in the syntax of a shell", async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secret = `a'b "c" $(echo d) \\ /+=`;
  const variables = { AWS_ENDPOINT_URL_SQS: `${endpoint}/_aws/sqs`, AWS_SECRET_ACCESS_KEY: secret };
  const forget = writeRunFile(folder, { endpoint, pid: process.pid, variables });
  const lines: string[] = [];

  const io = { cwd: folder, write: (line: string) => lines.push(line) } as unknown as CliIo;
  expect(await envCommand.run({}, io)).toBe(0);

  const script = `${lines.join('\n')}\nprintf '%s|%s' "$AWS_ENDPOINT_URL_SQS" "$AWS_SECRET_ACCESS_KEY"`;
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(`${endpoint}/_aws/sqs|${secret}`);
  forget();
});
