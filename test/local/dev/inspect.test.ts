import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { generatedPositionFor, LEAST_UPPER_BOUND, TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import WebSocket from 'ws';
import { waitUntil } from '../../support/processes';
import { Client } from '../run/support';
import { Dev } from './dev-process';
import { Project, synthesize } from './support';

const SOURCE = `import { twice } from './lib/twice';

export default {
  run: async (event: { body?: string }) => {
    const { n = 1 } = JSON.parse(event.body ?? '{}') as { n?: number };
    const answer = twice(n);
    return { statusCode: 200, body: String(answer) };
  },
};
`;
const BREAK_LINE = 7;

/** The part of the inspector's protocol that a debugger needs. */
class Debugger {
  public readonly scripts: { url: string; sourceMapURL: string; scriptId: string }[] = [];
  public readonly pauses: { callFrames: { location: { lineNumber: number; columnNumber: number } }[] }[] = [];
  private readonly answers = new Map<number, (result: Record<string, unknown>) => void>();
  private count = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const { id, method, params, result } = JSON.parse(String(data));
      if (id !== undefined) this.answers.get(id)?.(result);
      if (method === 'Debugger.scriptParsed') this.scripts.push(params);
      if (method === 'Debugger.paused') this.pauses.push(params);
    });
  }

  public static async attach(port: number): Promise<Debugger> {
    const address = await waitUntil(() => addressOf(port));
    const socket = new WebSocket(address);
    await new Promise((resolve) => socket.once('open', resolve));
    return new Debugger(socket);
  }

  public send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.count += 1;
    const answer = new Promise<Record<string, unknown>>((resolve) => this.answers.set(this.count, resolve));
    this.socket.send(JSON.stringify({ id: this.count, method, params }));
    return answer;
  }

  public close(): void {
    this.socket.terminate();
  }
}

async function addressOf(port: number): Promise<string | undefined> {
  try {
    const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    return target?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

let project: Project;
let running: Dev | undefined;
let attached: Debugger | undefined;
beforeEach(() => {
  project = new Project();
  project.save('lib/twice.ts', 'export const twice = (n: number): number => 2 * n;\n');
  project.save('handler.ts', SOURCE);
});
afterEach(async () => {
  attached?.close();
  await running?.close();
  project.remove();
});

/** Returns the running bundle after the debugger was notified of it. */
async function bundleOf(inspector: Debugger) {
  const script = await waitUntil(() => inspector.scripts.find(({ url }) => url.endsWith('/index.js')));
  const file = path.join(path.dirname(fileURLToPath(script.url)), script.sourceMapURL);
  return { script, map: new TraceMap(readFileSync(file, 'utf8')) };
}

test('a breakpoint in the source of a handler is hit, and a paused function is not ended', async () => {
  const port = await freePort();
  const assemblyDir = synthesize(project, 'handler.ts');
  running = new Dev(project, { assemblyDir, inspect: { target: 'Answer', port } });
  await running.line(/inspect +Answer at 127\.0\.0\.1:\d+; it has no time limits/);
  await running.line(/dev +Answer re-bundled/);
  const client = await Client.connect(await running.address('WebSocket'));
  client.send({});
  await client.next();

  const inspector = await Debugger.attach(port);
  attached = inspector;
  await inspector.send('Runtime.enable');
  await inspector.send('Debugger.enable');
  const { script, map } = await bundleOf(inspector);
  const source = pathToFileURL(project.path('handler.ts')).href;
  const name = map.sources.find((one) => new URL(String(one), map.sourceRoot).href === source);
  expect(name).toBeDefined();
  const place = generatedPositionFor(map, {
    source: String(name),
    line: BREAK_LINE,
    column: 0,
    bias: LEAST_UPPER_BOUND,
  });
  const at = { url: script.url, lineNumber: Number(place.line) - 1, columnNumber: Number(place.column) };
  expect(await inspector.send('Debugger.setBreakpointByUrl', at)).toMatchObject({
    locations: [{ lineNumber: at.lineNumber }],
  });

  client.send({ n: 4 });
  const [{ callFrames }] = await waitUntil(() => inspector.pauses.length > 0 && inspector.pauses);
  const { lineNumber, columnNumber } = callFrames[0].location;
  const [, , line] = traceSegment(map, lineNumber, columnNumber) ?? [];
  expect(Number(line) + 1).toBe(BREAK_LINE);
  await inspector.send('Debugger.resume');
  expect(await client.next()).toBe(8);
  await client.close();
});

test('an unknown function to inspect is reported with the known ones', async () => {
  const assemblyDir = synthesize(project, 'handler.ts');
  running = new Dev(project, { assemblyDir, inspect: { target: 'nothing', port: 9229 } });
  await expect(running.line(/ready in/)).rejects.toThrow(
    '--inspect: there is no action or function nothing. There are: Answer, Connected',
  );
});
