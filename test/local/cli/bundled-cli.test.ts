import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import WebSocket from 'ws';
import { ended } from '../../support/processes';
import { PublishedCli } from './support';

const cli = new PublishedCli();
const { folder } = cli;
const assembly = path.join(folder, 'cdk.out');

/** Answers with its process id. If the message sets `hang`, its `$disconnect` never ends. */
const HANDLER = `
  let hang = false;
  exports.handler = async ({ requestContext: { eventType }, body }) => {
    if (eventType === 'DISCONNECT' && hang) await new Promise((resolve) => setTimeout(resolve, 60000));
    if (eventType !== 'MESSAGE') return { statusCode: 200 };
    hang = JSON.parse(body).hang;
    return { statusCode: 200, body: JSON.stringify({ pid: process.pid }) };
  };`;

beforeAll(synth);
afterEach(() => cli.killAll());
afterAll(() => cli.remove());

function synth(): void {
  const stack = new Stack(new App({ outdir: assembly }), 'Small');
  const handler = new Lambda(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(HANDLER),
    timeout: Duration.seconds(60),
  });
  const api = new WebSocketApi(stack, 'Api', {
    connectRouteOptions: { integration: new WebSocketLambdaIntegration('OnConnect', handler) },
    disconnectRouteOptions: { integration: new WebSocketLambdaIntegration('OnDisconnect', handler) },
    defaultRouteOptions: { integration: new WebSocketLambdaIntegration('OnMessage', handler), returnResponse: true },
  });
  const stage = new WebSocketStage(stack, 'Stage', { webSocketApi: api, stageName: 'v1', autoDeploy: true });
  new CfnOutput(stack, 'Url', { value: stage.url });
  App.of(stack)?.synth();
}

/** Sends a message. Returns the process id of the function that answered it. */
async function processBehind(url: string, options: { hang: boolean } = { hang: false }): Promise<number> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const answer = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(JSON.stringify({ type: 'ping', ...options }));
  const [data] = await answer;
  socket.on('error', () => undefined);
  return (JSON.parse(String(data)) as { pid: number }).pid;
}

test('--version and --help answer', async () => {
  const version = cli.run(['--version']);
  const help = cli.run(['--help']);

  expect(await version.ended).toBe(0);
  expect(version.lines).toEqual(['1.2.3']);
  expect(await help.ended).toBe(0);
  expect(help.lines.join('\n')).toContain('cdk-streamer dev');
});

test('an unknown option ends with exit code 2 and is named', async () => {
  const dev = cli.run(['dev', '--colour']);

  expect(await dev.ended).toBe(2);
  expect(dev.lines).toEqual(["error: Unknown option '--colour'", 'npx cdk-streamer dev --help lists the options']);
});

test('a folder without an assembly ends with exit code 1 and a remedy', async () => {
  const dev = cli.run(['dev', 'nowhere']);

  expect(await dev.ended).toBe(1);
  expect(dev.lines).toEqual([expect.stringMatching(/^error: no cloud assembly in \/.*nowhere: run "cdk synth" first/)]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the run, its processes and its files', async (signal) => {
  const dev = cli.run(['dev', assembly, '--port', '0']);
  const pid = await processBehind(await dev.url());

  dev.child.kill(signal);

  expect(await dev.ended).toBe(0);
  expect(dev.lines.at(-1)).toMatch(/run +closed$/);
  await ended(pid);
  expect(readdirSync(dev.temp)).toEqual([]);
});

test('a second Ctrl-C ends the run at once, and no process or file remains', async () => {
  const dev = cli.run(['dev', assembly, '--port', '0']);
  // its `$disconnect` never ends, so that closing takes seconds
  const pid = await processBehind(await dev.url(), { hang: true });

  const press = setInterval(() => dev.child.kill('SIGINT'), 50);
  const code = await dev.ended.finally(() => clearInterval(press));

  expect(code).toBe(130);
  expect(dev.lines).not.toContainEqual(expect.stringMatching(/run +closed$/));
  await ended(pid);
  expect(readdirSync(dev.temp)).toEqual([]);
});

test('the log reports a connection and a message', async () => {
  const dev = cli.run(['dev', assembly, '--port', '0']);
  await processBehind(await dev.url());

  await dev.line(/gateway +\S{6}… \$connect: 200/);
  await dev.line(/gateway +\S{6}… sent ping \(28 bytes\)/);
  await dev.line(/Handler +ok in \d+ ms/);
  expect(dev.lines).toContainEqual(expect.stringMatching(/^ {2}Small\.Url +ws:\/\/127\.0\.0\.1:\d+\/v1$/));
});

describe('--app', () => {
  const project = path.join(folder, 'project');

  beforeAll(() => {
    mkdirSync(project);
    writeFileSync(path.join(project, 'cdk.json'), JSON.stringify({ app: 'node app.cjs', context: { size: 7 } }));
    const source = `const { cpSync, writeFileSync } = require('node:fs');
      writeFileSync('context.json', process.env.CDK_CONTEXT_JSON);
      cpSync(${JSON.stringify(assembly)}, process.env.CDK_OUTDIR, { recursive: true });`;
    writeFileSync(path.join(project, 'app.cjs'), source);
    writeFileSync(path.join(project, 'broken.cjs'), `console.error('the reason'); process.exit(3);`);
    writeFileSync(path.join(project, 'hanging.cjs'), `console.log('pid', process.pid); setInterval(() => {}, 1000);`);
  });

  test('the app of cdk.json is synthesized with its context, and run', async () => {
    const dev = cli.run(['dev', '--port', '0'], project);
    expect(await processBehind(await dev.url())).toBeGreaterThan(0);

    expect(JSON.parse(readFileSync(path.join(project, 'context.json'), 'utf8'))).toMatchObject({ size: 7 });
    dev.child.kill('SIGINT');
    expect(await dev.ended).toBe(0);
    expect(readdirSync(dev.temp)).toEqual([]);
  });

  test('an app that fails shows its error', async () => {
    const dev = cli.run(['dev', '--app', 'node broken.cjs'], project);

    expect(await dev.ended).toBe(1);
    expect(dev.lines).toContain('the reason');
    expect(dev.lines.at(-1)).toBe('error: the app failed with exit code 3: node broken.cjs');
  });

  test('an app that writes nothing is reported with the folder to write to', async () => {
    const dev = cli.run(['dev', '--app', 'node -e 0'], project);

    expect(await dev.ended).toBe(1);
    expect(dev.lines.at(-1)).toContain('the app wrote no cloud assembly to CDK_OUTDIR');
  });

  test('Ctrl-C ends an app that is synthesizing', async () => {
    const dev = cli.run(['dev', '--app', 'node hanging.cjs'], project);
    const pid = Number((await dev.line(/^pid \d+$/)).split(' ')[1]);

    dev.child.kill('SIGINT');

    expect(await dev.ended).toBe(130);
    await ended(pid);
  });
});
