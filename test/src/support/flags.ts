import * as fs from 'node:fs';
import * as path from 'node:path';
import { Node } from 'constructs';

type Flags = Record<string, unknown>;

/** Feature flags of the CDK that `cdk-streamer init` sets. */
export const TEMPLATE_FLAGS: Flags = JSON.parse(
  fs.readFileSync(path.join(__dirname, '../../../templates/app/cdk.json'), 'utf8'),
).context;

/**
 * Returns the template's flags that constructs below the app read during a call. Each result sets only one flag. The app itself is excluded, because
 * it reads all flags.
 */
export function flagsReadBy(run: () => void): [name: string, flags: Flags][] {
  const spy = jest.spyOn(Node.prototype, 'tryGetContext');
  run();
  const { calls, contexts } = spy.mock;
  const read = new Set(calls.flatMap(([name], at) => (contexts[at].scope ? [name] : [])));
  spy.mockRestore();
  return Object.entries(TEMPLATE_FLAGS)
    .filter(([name]) => read.has(name))
    .map(([name, value]) => [name, { [name]: value }]);
}
