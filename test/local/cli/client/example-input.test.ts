import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exampleInput } from '../../../../local/cli/client/example-input';

const EXAMPLES: Readonly<Record<string, object>> = {
  greet: { input: { name: 'example' } },
  odd: { reason: 'none was found\nthat the schema accepts' },
};

let server: Server;
let url: string;
const told: string[] = [];
const io = { cwd: __dirname, tell: (line: string) => void told.push(line) };

/** A server with the endpoints of a local run that the command uses. */
beforeAll(async () => {
  server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(`http://localhost${req.url}`);
    const info = { pid: 1, urls: {}, visitors: true, actions: ['greet', 'odd', 'other'], syncActions: [] };
    res.end(JSON.stringify(pathname === '/_aws/run' ? info : (EXAMPLES[searchParams.get('action') ?? ''] ?? {})));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('the example comes from the local run, and is printed', async () => {
  expect(await exampleInput('greet', { url }, io)).toEqual({ name: 'example' });
  expect(told).toEqual(['input {"name":"example"}']);
});

test('an action without an example fails with the reason', async () => {
  await expect(exampleInput('odd', { url }, io)).rejects.toThrow(/^odd has no example input: none was found\S+that/);
  await expect(exampleInput('other', { url }, io)).rejects.toThrow(
    'other has no example input: its schema is not known',
  );
});

test('an action that the app does not have fails with the actions that it has', async () => {
  await expect(exampleInput('gret', { url }, io)).rejects.toThrow(
    "there is no action gret. The app's actions: greet, odd, other",
  );
});

test('an API elsewhere has no examples', async () => {
  await expect(exampleInput('greet', { url, token: 't' }, io)).rejects.toThrow('--example needs a local run');
});
