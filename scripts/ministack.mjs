// Deploys the minimal template to ministack, an independent emulator, and sends it a request. Requires Python 3.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'streamer-ministack-'));
const VERSION = '1.5.33';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const WAIT_MS = 120_000;

/**
 * Resource types that ministack does not support. Without the route response, a route returns no answer, so this script sends requests through the
 * submit function.
 */
const LEFT_OUT = ['AWS::ApiGatewayV2::RouteResponse'];

let server;

async function main() {
  if (spawnSync('python3', ['--version']).status !== 0) {
    console.log('no python3 on this machine: not checked');
    return;
  }
  const python = install();
  const endpoint = await start(python);
  const stack = synthesize();
  upload(endpoint, stack);
  const outputs = await deploy(endpoint, stack);
  await submit(endpoint, outputs.SubmitFunction);
  console.log('the minimal stack is deployed on ministack, and a request through the submit function is COMPLETED');
}

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: root, ...options });
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed:\n${stdout}\n${stderr}`);
  return stdout;
}

function install() {
  const venv = join(scratch, 'venv');
  run('python3', ['-m', 'venv', venv]);
  run(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', `ministack==${VERSION}`]);
  return join(venv, 'bin/ministack');
}

async function start(command) {
  const port = await freePort();
  // Listens on the loopback interface only, and not on the MQTT port.
  const env = { ...process.env, BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0', GATEWAY_PORT: String(port) };
  server = spawn(command, [], { env, stdio: 'ignore', detached: true, cwd: scratch });
  const endpoint = `http://127.0.0.1:${port}`;
  await until('ministack answers', async () => (await fetch(`${endpoint}/_localstack/health`)).ok);
  return endpoint;
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/**
 * Synthesizes the minimal app. It has one async handler, and its submit function is an output. It has no access log, because that needs a role in the
 * account.
 */
function synthesize() {
  const project = join(scratch, 'app');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{}');
  writeFileSync(join(project, 'work.js'), 'export default { run: async ({ input }) => ({ doubled: 2 * input.n }) };');
  const app = `
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
const app = new App({ outdir: ${JSON.stringify(join(scratch, 'cdk.out'))}, analyticsReporting: false });
const stack = new Stack(app, 'Ministack');
const api = new StreamerApi(stack, 'Streamer', {
  projectRoot: ${JSON.stringify(project)},
  auth: StreamerAuth.none(),
  handlers: { double: StreamerHandler.async('work.js') },
});
new CfnOutput(stack, 'SubmitFunction', { value: api.submitFunction.functionName });
app.synth();
`;
  const file = join(root, 'test', '.ministack-app.ts');
  writeFileSync(file, app);
  try {
    run(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), '--tsconfig', 'test/tsconfig.json', file]);
  } finally {
    rmSync(file);
  }
  const template = JSON.parse(readFileSync(join(scratch, 'cdk.out/Ministack.template.json'), 'utf8'));
  return { template: withoutUnknown(template), assets: assetsOf() };
}

function withoutUnknown(template) {
  const gone = Object.keys(template.Resources).filter((id) => LEFT_OUT.includes(template.Resources[id].Type));
  for (const id of gone) delete template.Resources[id];
  for (const resource of Object.values(template.Resources)) {
    if (Array.isArray(resource.DependsOn)) resource.DependsOn = resource.DependsOn.filter((id) => !gone.includes(id));
  }
  // This rule of the bootstrap version reads a parameter that does not exist in the emulator's account.
  delete template.Rules;
  delete template.Parameters?.BootstrapVersion;
  return template;
}

function assetsOf() {
  const { files } = JSON.parse(readFileSync(join(scratch, 'cdk.out/Ministack.assets.json'), 'utf8'));
  return Object.values(files)
    .filter(({ source }) => source.packaging === 'zip')
    .map(({ source, destinations }) => ({
      folder: join(scratch, 'cdk.out', source.path),
      key: Object.values(destinations)[0].objectKey,
    }));
}

const BUCKET = `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`;

/** Creates and uploads the zip file with Python. Python is available anyway, and it needs no AWS client for the emulator's S3. */
function upload(endpoint, { assets }) {
  const list = JSON.stringify({ url: `${endpoint}/${BUCKET}`, assets });
  const script = `
import io, json, os, urllib.request, zipfile
given = json.loads(${JSON.stringify(list)})
def put(url, body):
    urllib.request.urlopen(urllib.request.Request(url, data=body, method='PUT', headers={'Authorization': 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request'}))
put(given['url'], b'')
for asset in given['assets']:
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as file:
        for name in os.listdir(asset['folder']):
            file.write(os.path.join(asset['folder'], name), name)
    put(given['url'] + '/' + asset['key'], out.getvalue())
`;
  run('python3', ['-c', script]);
}

async function deploy(endpoint, { template }) {
  const query = {
    StackName: 'Ministack',
    TemplateBody: JSON.stringify(template),
    'Capabilities.member.1': 'CAPABILITY_IAM',
  };
  await cloudFormation(endpoint, { Action: 'CreateStack', ...query });
  let last = '';
  await until('the stack is created', async () => {
    last = await cloudFormation(endpoint, { Action: 'DescribeStacks', StackName: 'Ministack' });
    const status = /<StackStatus>(.*?)<\/StackStatus>/.exec(last)?.[1] ?? '';
    if (/FAILED|ROLLBACK/.test(status)) {
      const events = await cloudFormation(endpoint, { Action: 'DescribeStackEvents', StackName: 'Ministack' });
      const reasons = [...events.matchAll(/<ResourceStatusReason>(.*?)<\/ResourceStatusReason>/g)].map(
        ([, text]) => text,
      );
      throw new Fatal(`the stack is ${status}: ${[...new Set(reasons)].join('; ')}`);
    }
    return status === 'CREATE_COMPLETE';
  });
  const outputs = [...last.matchAll(/<OutputKey>(.*?)<\/OutputKey>\s*<OutputValue>(.*?)<\/OutputValue>/g)];
  return Object.fromEntries(outputs.map(([, key, value]) => [key, value]));
}

async function cloudFormation(endpoint, parameters) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...signedFor('cloudformation'), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Version: '2010-05-15', ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Fatal(`CloudFormation answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

/** The emulator reads the service from the header, and does not verify the signature. */
const signedFor = (service) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

async function submit(endpoint, functionName) {
  const invoke = async (event) => {
    const url = `${endpoint}/2015-03-31/functions/${functionName}/invocations`;
    const body = JSON.stringify({ tenant: 'acme', user: 'ann', ...event });
    const response = await fetch(url, { method: 'POST', headers: signedFor('lambda'), body });
    return JSON.parse(await response.text());
  };
  const accepted = await invoke({ type: 'submit', action: 'double', id: 'first', input: { n: 21 } });
  if (!accepted.ok) throw new Error(`the request was not accepted: ${JSON.stringify(accepted)}`);
  let status;
  await until(
    'the request is COMPLETED',
    async () => {
      status = await invoke({ type: 'status', id: 'first' });
      if (status.status === 'FAILED') throw new Fatal(`the request failed: ${JSON.stringify(status)}`);
      return status.status === 'COMPLETED';
    },
    () => JSON.stringify(status),
  );
  if (status.result?.doubled !== 42) throw new Error(`the result is ${JSON.stringify(status)}`);
}

class Fatal extends Error {}

async function until(what, check, details = () => '') {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    try {
      if (await check()) return;
    } catch (error) {
      if (error instanceof Fatal) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`timed out waiting until ${what} ${details()}`);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (server && server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    // The emulator runs in a separate process group, so that the functions' processes end with it.
    process.kill(-server.pid, 'SIGKILL');
    await ended;
  }
  rmSync(scratch, { recursive: true, force: true });
}
