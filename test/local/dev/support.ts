import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

const ROOT = path.join(__dirname, '../../..');

/** A user's project in a separate folder. It finds the packages that are installed here. */
export class Project {
  public readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'dev-test-')));

  public constructor() {
    symlinkSync(path.join(ROOT, 'node_modules'), this.path('node_modules'));
  }

  public path(...names: string[]): string {
    return path.join(this.root, ...names);
  }

  public save(name: string, text: string): string {
    // the folder is a link to the packages of this repository
    if (name.startsWith('node_modules')) throw new Error(`${name} belongs to the installed packages`);
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  /** Bundles the client that runs in each function's process, in the same way as the package. */
  public runtimeClient(): string {
    const outfile = this.path('.test', 'runtime-client.js');
    const entry = path.join(ROOT, 'local/emulator/lambda/runtime-client.ts');
    buildSync({ entryPoints: [entry], bundle: true, platform: 'node', target: 'node20', outfile });
    return outfile;
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Returns esbuild's options for a function. The handler is `run` of the default export of a module in the project. */
export function buildOptions(root: string, module: string): Record<string, unknown> {
  return {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    logLevel: 'silent',
    absWorkingDir: root,
    stdin: {
      contents: `import work from './${module}';\nexport const handler = (event) => work.run(event);\n`,
      resolveDir: root,
      sourcefile: 'entry.js',
      loader: 'js',
    },
    outfile: path.join(root, '.streamer', 'index.js'),
  };
}

/** Bundles a function into a folder, as a synthesis does. */
export function bundleInto(folder: string, build: Record<string, unknown>): string {
  const { outputFiles } = buildSync({ ...build, write: false });
  mkdirSync(folder, { recursive: true });
  for (const { contents } of outputFiles) writeFileSync(path.join(folder, 'index.js'), contents);
  return folder;
}

/**
 * A synthesized app with a WebSocket API and a function that nothing calls. A module of the project answers the API's
 * messages.
 */
export function synthesize(project: Project, module: string, { metadata = true } = {}): string {
  const app = new App({ outdir: project.path('cdk.out') });
  const stack = new Stack(app, 'Dev');
  const build = buildOptions(project.root, module);
  const handler = new Lambda(stack, 'Answer', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(bundleInto(project.path('.test', 'asset'), build)),
    timeout: Duration.seconds(30),
  });
  if (metadata) {
    (handler.node.defaultChild as CfnResource).addMetadata('cdk-streamer:bundle', { build, besides: [] });
  }
  const connected = new Lambda(stack, 'Connected', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({ statusCode: 200 });'),
  });
  const api = new WebSocketApi(stack, 'Api', {
    connectRouteOptions: { integration: new WebSocketLambdaIntegration('OnConnect', connected) },
    disconnectRouteOptions: { integration: new WebSocketLambdaIntegration('OnDisconnect', connected) },
    defaultRouteOptions: { integration: new WebSocketLambdaIntegration('OnMessage', handler), returnResponse: true },
  });
  new WebSocketStage(stack, 'Stage', { webSocketApi: api, stageName: 'v1', autoDeploy: true });
  return app.synth().directory;
}
