import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { HandlerMode, StreamerApi, StreamerAuth, StreamerHandler } from '../../src';
import type { Benchmark } from '../lib/results';
import { withScratch } from '../lib/scratch';
import { checkAssembly } from '../lib/template-limits';
import { versionsOf } from '../lib/versions';

const HANDLER = 'export default { run: async () => null };';
const SCHEMA =
  "export const input = { '~standard': { version: 1, vendor: 'none', validate: (value: unknown) => ({ value }) } };";
/** Numbers of actions of one kind that the benchmark tries, from the largest to the smallest. */
const COUNTS = [400, 200, 100, 50, 10];
/** Average number of actions per nested stack. It leaves room for stacks that get more actions than others, because a hash distributes them. */
const ACTIONS_A_STACK = 25;

/** Measures, for each kind, the largest number in `COUNTS` of actions that one API can have within the limits of a deployment. */
export const manyActions: Benchmark = (report) =>
  withScratch(async (folder) => ({
    versions: versionsOf('aws-cdk-lib'),
    figures: {
      max_async_actions: most(folder, 'async', report),
      max_isolated_actions: most(folder, 'isolated', report),
      max_function_actions: most(folder, 'function', report),
      max_async_function_actions: most(folder, 'asyncFunction', report),
    },
  }));

/**
 * Kind of an action. Async and isolated handlers are modules. The functions of the other kinds belong to the user, and CloudFormation generates their
 * names.
 */
type Kind = 'async' | 'isolated' | 'function' | 'asyncFunction';

function most(folder: string, kind: Kind, report: (line: string) => void): number {
  for (const count of COUNTS) {
    const problems = problemsOf(join(folder, `${kind}-${count}`), { [kind]: count });
    report(`${count} ${kind} actions: ${problems.length === 0 ? 'within all limits' : problems[0]}`);
    if (problems.length === 0) return count;
  }
  return 0;
}

/** Returns the limits that an app with the given numbers of actions exceeds, or the errors of its synthesis. */
export function problemsOf(folder: string, counts: { readonly [kind in Kind]?: number }): string[] {
  const projectRoot = join(folder, 'project');
  writeProject(projectRoot);
  const app = new App({ outdir: join(folder, 'cdk.out'), context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'A-stack-whose-name-is-as-long-as-stacks-in-large-apps-are-called');
  try {
    const handlers = handlersOf(stack, counts);
    new StreamerApi(stack, 'Streamer', {
      projectRoot,
      auth: StreamerAuth.none(),
      handlerStacks: Math.ceil((handlers.length - (counts.function ?? 0)) / ACTIONS_A_STACK),
      handlers: Object.fromEntries(handlers),
    });
    return checkAssembly(app.synth().directory);
  } catch (error) {
    return [(error as Error).message];
  }
}

function writeProject(projectRoot: string): void {
  mkdirSync(projectRoot, { recursive: true });
  writeFileSync(join(projectRoot, 'package.json'), '{}');
  writeFileSync(join(projectRoot, 'work.ts'), HANDLER);
  writeFileSync(join(projectRoot, 'work.schema.ts'), SCHEMA);
  cpSync(join(projectRoot, 'work.ts'), join(projectRoot, 'quote.ts'));
}

type Named = [action: string, handler: StreamerHandler];

function handlersOf(stack: Stack, counts: { readonly [kind in Kind]?: number }): Named[] {
  const functions = functionsOf(stack);
  return [
    ...named('generate_a_report_of_the_month', counts.async, () => StreamerHandler.async('work.ts')),
    ...named('quote_a_price_for_the_customer', counts.isolated, () =>
      StreamerHandler.sync('quote.ts', { isolated: true }),
    ),
    ...named('translate_a_text_at_once', counts.function, (action) =>
      StreamerHandler.fromFunction(functions(action), { mode: HandlerMode.SYNC }),
    ),
    ...named('translate_a_text_in_the_background', counts.asyncFunction, (action) =>
      StreamerHandler.fromFunction(functions(action)),
    ),
  ];
}

/** Creates functions that belong to the user. They share a role, so that 400 of them fit into a stack. */
function functionsOf(stack: Stack): (action: string) => LambdaFunction {
  const role = Role.fromRoleName(stack, 'Role', 'role-of-all-functions');
  return (action) =>
    new LambdaFunction(stack, `FunctionThatDoesTheWorkOf-${action}`, {
      runtime: Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: Code.fromInline('def handler(event, context): return event["input"]'),
      role,
    });
}

const named = (name: string, count = 0, handlerOf: (action: string) => StreamerHandler): Named[] =>
  Array.from({ length: count }, (_, at) => [`${name}_${at}`, handlerOf(`${name}_${at}`)]);
