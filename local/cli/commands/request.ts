import { randomUUID } from 'node:crypto';
import type { Debounce } from '../../../client-sdks/typescript/src';
import { parseInteger, UsageError } from '../arguments';
import { exampleInput } from '../client/example-input';
import { readJson } from '../client/read-json';
import { TARGET_OPTIONS } from '../client/target';
import { command, type OptionValues } from '../command';

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

/** Options of debounced requests. */
const DEBOUNCE_OPTIONS = {
  debounce: {
    type: 'string',
    value: 'key',
    help: 'replace your earlier requests of the action with this key that have not started (default: none)',
  },
  wait: {
    type: 'string',
    value: 'seconds',
    help: 'with --debounce: minimum time until the work starts (default 1)',
  },
  'max-wait': {
    type: 'string',
    value: 'seconds',
    help: 'with --debounce: maximum time from the first request with the key to the start (default: no limit)',
  },
} as const;

/** Longest time of a debounced request, in seconds. */
const MAX_DEBOUNCE_SECONDS = 86_400;

/**
 * Reads the options of a debounced request.
 *
 * @throws UsageError for a time without a key, or times that contradict each other
 */
function parseDebounce(values: OptionValues<typeof DEBOUNCE_OPTIONS>): Debounce | undefined {
  const { debounce: key } = values;
  const wait = parseInteger('wait', values.wait, 1, MAX_DEBOUNCE_SECONDS);
  const max = parseInteger('max-wait', values['max-wait'], wait ?? 1, MAX_DEBOUNCE_SECONDS);
  if (key === undefined) {
    if (wait !== undefined || max !== undefined) throw new UsageError('--wait and --max-wait need --debounce');
    return undefined;
  }
  return { key, waitMs: (wait ?? 1) * 1000, ...(max !== undefined && { maxWaitMs: max * 1000 }) };
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
    ...DEBOUNCE_OPTIONS,
  },
  notes: FOLLOW_NOTES,
  parse: ({ values, positionals }) => {
    const { timeout, json = false, id, example = false, priority, url, token, user, tenant } = values;
    const [action, input, ...rest] = positionals;
    if (action === undefined) throw new UsageError('expected an action: npx cdk-streamer request <action> [json]');
    if (rest.length > 0) throw new UsageError(`expected one input, got more: ${rest.join(' ')} (quote the JSON)`);
    if (example && input !== undefined) throw new UsageError('--example cannot be given with an input');
    const follow = { url, token, user, tenant, json, timeoutMs: parseTimeout(timeout) };
    return { action, input, id, example, priority, debounce: parseDebounce(values), follow };
  },
  run: async ({ action, input, id = randomUUID(), example, priority, debounce, follow: options }, io) => {
    const value = example ? await exampleInput(action, options, io) : await readJson(input, io);
    const { follow } = await import('../client/follow');
    return follow({ kind: 'request', id, action, input: value, priority, debounce }, options, io);
  },
});
