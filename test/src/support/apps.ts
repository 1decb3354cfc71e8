import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { StreamerApi, type StreamerApiProps } from '../../../src';
import * as apps from '../../apps/props';
import { makeProject } from './project';

export { auth } from '../../apps/props';

/** Skips bundling, because templates do not depend on the contents of bundles. */
const NO_BUNDLING = { 'aws:cdk:bundling-stacks': [] };

export const minimalProps = (): StreamerApiProps => apps.minimalProps(makeProject());
export const maximalProps = (scope: Construct = new Stack()): StreamerApiProps =>
  apps.maximalProps(scope, makeProject());
export const secureProps = (scope: Construct): StreamerApiProps => apps.secureProps(scope, makeProject());

export interface Built {
  readonly app: App;
  readonly stack: Stack;
  readonly api: StreamerApi;
}

/** Properties, or a function that creates them with constructs in the API's own stack. */
type Props = StreamerApiProps | ((stack: Stack) => StreamerApiProps);

export function build(props: Props, context: Record<string, unknown> = NO_BUNDLING, region?: string): Built {
  const app = new App({ context });
  const stack = new Stack(app, 'Test', { env: region ? { region, account: '123456789012' } : undefined });
  const own = typeof props === 'function' ? props(stack) : props;
  return { app, stack, api: new StreamerApi(stack, 'Streamer', own) };
}

/** Synthesizes a template for a local run: its functions record their build options. */
export function synthesizeForDev(props: Props): Template {
  return Template.fromStack(build(props, { ...NO_BUNDLING, 'cdk-streamer:dev': true }).stack);
}

export function synthesize(props: Props): Template {
  return Template.fromStack(build(props).stack);
}

/** Creates an app. The region and values of the CDK's context, such as feature flags, are optional. */
export type MakeApp = (region?: string, flags?: Record<string, unknown>) => Built;

/** The three apps whose whole templates are compared with snapshots. The app with a customer's key needs a region. */
export const APPS: readonly [name: string, make: MakeApp][] = [
  ['minimal', (region, flags) => build(minimalProps(), { ...NO_BUNDLING, ...flags }, region)],
  ['maximal', (region, flags) => build(maximalProps, { ...NO_BUNDLING, ...flags }, region)],
  ['secure', (region = 'eu-west-1', flags) => build(secureProps, { ...NO_BUNDLING, ...flags }, region)],
];
