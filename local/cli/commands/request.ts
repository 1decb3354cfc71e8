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
    help: 'maximum time to wait for the connection and the result; the request continues (default: no limit)',
  },
  json: { type: 'boolean', help: 'print one line of JSON per event' },
} as const;

export const FOLLOW_NOTES = `The result is printed on stdout as JSON, progress and events on stderr. Ctrl-C ends the command, not the request.
Exit codes: 0 completed, 1 failed, 2 invalid command line, 124 timed out, 130 interrupted.`;

export function parseTimeout(text: string | undefined): number | undefined {
  const seconds = parseInteger('timeout', text, 1, MAX_SECONDS);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Requests an action and shows the progress and the result. */
export const requestCommand = command({
  name: 'request',
  summary: 'request an action and show its progress and result',
  usage: [
    ['request <action>', 'sends no input'],
    ['request <action> <json>', 'sends this input'],
    ['request <action> @<file>', 'sends the input in this file'],
    ['request <action> -', 'sends the input from stdin'],
    ['request <action> --example', 'sends an example that the schema of the action accepts'],
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
      help: 'id of the request; the same id and input is the same request (default: a new id)',
    },
    priority: { type: 'string', value: 'class', help: 'priority class of the action (default: none)' },
  },
  notes: FOLLOW_NOTES,
  parse: ({ values: { timeout, json = false, id, example = false, priority, ...target }, positionals }) => {
    const [action, input, ...rest] = positionals;
    if (action === undefined) throw new UsageError('expected an action: npx cdk-streamer request <action> [json]');
    if (rest.length > 0) throw new UsageError(`expected one input, got more: ${rest.join(' ')} (quote the JSON)`);
    if (example && input !== undefined) throw new UsageError('--example cannot be given with an input');
    return { action, input, id, example, priority, follow: { ...target, json, timeoutMs: parseTimeout(timeout) } };
  },
  run: async ({ action, input, id = randomUUID(), example, priority, follow: options }, io) => {
    const value = example ? await exampleInput(action, options, io) : await readJson(input, io);
    const { follow } = await import('../client/follow');
    return follow({ kind: 'request', id, action, input: value, priority }, options, io);
  },
});
