// scripts/newest-cdk.mjs bundles and runs this file, in a folder in which the newest aws-cdk-lib and the handlers are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { StreamerApi, type StreamerApiProps, StreamerTables } from 'cdk-streamer';
import { maximalProps, minimalProps, secureProps } from '../../test/apps/props';

const [, , projectRoot] = process.argv;
const ENVIRONMENT = { region: 'us-east-1', account: '123456789012' };

const create = (stack: Stack, props: StreamerApiProps): StreamerApi => new StreamerApi(stack, 'Streamer', props);

function maximal(stack: Stack): void {
  const api = create(stack, maximalProps(stack, projectRoot));
  api.metricMessages().createAlarm(stack, 'Messages', { threshold: 1000, evaluationPeriods: 1 });
  api.grantSubmit(api.handler('generate_report'));
  api.grantPublish(api.handler('generate_report'));
}

/** The secure app. It creates its own tables. */
function secure(stack: Stack): void {
  const props = secureProps(stack, projectRoot);
  const tables = new StreamerTables(stack, 'Tables', { encryptionKey: props.encryptionKey });
  create(stack, { ...props, tables });
}

const APPS: Readonly<Record<string, (stack: Stack) => void>> = {
  minimal: (stack) => void create(stack, minimalProps(projectRoot)),
  maximal,
  secure,
};

/** A resource that the rules must refuse. If they accept it, they did not run. */
const broken = (stack: Stack): void =>
  void new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { VisibilityTimeout: 'never' } });

interface Report {
  readonly pluginReports: readonly { readonly violations: readonly { readonly description: string }[] }[];
}

function findingsOf(name: string, fill: (stack: Stack) => void): string[] {
  const app = new App({
    outdir: join(projectRoot, 'cdk.out', name),
    context: { '@aws-cdk/core:validateAgainstDefaultRules': true },
  });
  fill(new Stack(app, name, { env: ENVIRONMENT }));
  try {
    app.synth();
  } catch (error) {
    return [(error as Error).message];
  }
  const { pluginReports }: Report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  return pluginReports.flatMap(({ violations }) => violations.map(({ description }) => description));
}

const found = Object.entries(APPS).flatMap(([name, fill]) =>
  findingsOf(name, fill).map((finding) => `${name}: ${finding}`),
);
console.log('The error that follows is expected: it shows that the rules run.');
if (findingsOf('broken', broken).length === 0) found.push('broken: the rules of CloudFormation did not run');
console.log(found.join('\n') || 'minimal, maximal and secure: no finding');
process.exitCode = found.length === 0 ? 0 : 1;
