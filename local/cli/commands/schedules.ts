import { parseInteger, UsageError } from '../arguments';
import { command } from '../command';

const DEFAULT_WAIT_SECONDS = 5;
const MAX_WAIT_SECONDS = 3_600;

/** Lists the schedules of the local run, and runs a schedule at once. */
export const schedulesCommand = command({
  name: 'schedules',
  summary: 'list the schedules of the local run, or run one now',
  usage: [
    ['schedules list', 'the schedules, with the time of the next run'],
    ['schedules run <name>', 'run a schedule now, even if it is disabled: schedules run nightly'],
  ],
  options: {
    json: { type: 'boolean', help: 'print JSON lines, for scripts' },
    wait: {
      type: 'string',
      value: 'seconds',
      help: `with run: maximum time to wait for the end of the request (default ${DEFAULT_WAIT_SECONDS}); 0 waits only for its acceptance`,
    },
  },
  notes: [
    'A name has the form `action/name`, as `schedules list` shows it. You can leave out the first part, as in `nightly`.',
    '`run` fails if the submission is refused, or if the request fails within the time of --wait.',
    'Each call of `run` submits a separate request, even if two calls come at the same time.',
  ].join('\n'),
  parse: ({ values: { json = false, wait }, positionals: [verb, name, ...rest] }) => {
    const seconds = parseInteger('wait', wait, 0, MAX_WAIT_SECONDS) ?? DEFAULT_WAIT_SECONDS;
    if (verb === 'list' && name === undefined && wait === undefined) return { json };
    if (verb === 'run' && name !== undefined && rest.length === 0) return { json, name, waitMs: seconds * 1000 };
    throw new UsageError('expected npx cdk-streamer schedules list, or npx cdk-streamer schedules run <name>');
  },
  run: async (options, io) => {
    const { runSchedules } = await import('../schedules/run');
    return runSchedules(options, io);
  },
});
