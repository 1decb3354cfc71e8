import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explain } from '../../../../local/cli/client/explain';
import { runInfo } from '../../../../local/run/run-info';

let server: Server;
let endpoint: string;
beforeAll(async () => {
  server = createServer((_req, res) => res.end(JSON.stringify({ failures: [{ title: 'Error: no' }] })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each([
  [true, 'logs'],
  [false, 'requests'],
])('the address for a failed request (sync: %s) is in the view %s of the console', async (isSync, view) => {
  expect(await explain(endpoint, { id: 'a b', isSync })).toEqual({
    thrown: { title: 'Error: no' },
    console: `${endpoint}/_console/#/${view}?q=a%20b`,
  });
});

test('a run reports which of its actions are sync', () => {
  const functions = [{ metadata: () => ({ steps: 'async', echo: 'sync' }) }];
  const info = runInfo({ urls: {}, visitors: false, functions } as never);

  expect(info).toMatchObject({ actions: ['echo', 'steps'], syncActions: ['echo'] });
});
