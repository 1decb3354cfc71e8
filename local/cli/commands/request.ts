import { randomUUID } from 'node:crypto';
import { parseInteger, UsageError } from '../arguments';
import { exampleInput } from '../client/example-input';
import { readJson } from '../client/read-json';
import { TARGET_OPTIONS } from '../client/target';
import { command } from '../command';

/** Maximum delay of a timer, in seconds. */
const MAX_SECONDS = 2_147_483;

export const FOLLOW_OPTIONS = {
  ...TARGET_OPTIONS,
  timeout: {
    type: 'string',
    value: 'seconds',
    help: 'stop waiting after so long, for a connection too; the work goes on (default: never)',
  },
  json: { type: 'boolean', help: 'print a line of JSON for each thing that happens' },
} as const;

export const FOLLOW_NOTES = `The result is printed on stdout, as JSON; progress and events on stderr. Ctrl-C ends the waiting, not the work.
Exit codes: 0 done, 1 failed, 2 the command line is wrong, 124 timed out, 130 interrupted.`;

export function parseTimeout(text: string | undefined): number | undefined {
  const seconds = parseInteger('timeout', text, 1, MAX_SECONDS);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Requests an action and shows the progress and the result. */
export const requestCommand = command({
  name: 'request',
  summary: 'ask for an action and show how it goes',
  usage: [
    ['request <action>', 'without an input'],
    ['request <action> <json>', 'with this one'],
    ['request <action> @<file>', 'with the one in that file'],
    ['request <action> -', 'with the one on stdin'],
    ['request <action> --example', 'with an example that its schema accepts'],
  ],
  options: {
    ...FOLLOW_OPTIONS,
    example: {
      type: 'boolean',
      help: 'send an example input that the local run creates from the schema, and print it',
    },
    id: {
      type: 'string',
      value: 'id',
      help: 'id of the request: the same id and input is the same request (default: a new one)',
    },
  },
  notes: FOLLOW_NOTES,
  parse: ({ values: { timeout, json = false, id, example = false, ...target }, positionals }) => {
    const [action, input, ...rest] = positionals;
    if (action === undefined) throw new UsageError('expected an action: npx cdk-streamer request <action> [json]');
    if (rest.length > 0) throw new UsageError(`expected one input, got more: ${rest.join(' ')} (quote the JSON)`);
    if (example && input !== undefined) throw new UsageError('--example cannot be given with an input');
    return { action, input, id, example, follow: { ...target, json, timeoutMs: parseTimeout(timeout) } };
  },
  run: async ({ action, input, id = randomUUID(), example, follow: options }, io) => {
    const value = example ? await exampleInput(action, options, io) : await readJson(input, io);
    const { follow } = await import('../client/follow');
    return follow({ kind: 'request', id, action, input: value }, options, io);
  },
});
