import { UsageError } from '../arguments';
import { command } from '../command';

/** Lists the schedules of the local run, and runs one of them at once. */
export const schedulesCommand = command({
  name: 'schedules',
  summary: 'list the schedules of the local run, or run one now',
  usage: [
    ['schedules list', 'the schedules, with the time of the next run'],
    ['schedules run <name>', 'run a schedule now, even if it is disabled: schedules run nightly'],
  ],
  options: { json: { type: 'boolean', help: 'print JSON lines, for scripts' } },
  notes:
    'A name has the form `action/name`, as `schedules list` shows it. You can leave out the first part, as in `nightly`.',
  parse: ({ values: { json = false }, positionals: [verb, name, ...rest] }) => {
    if (verb === 'list' && name === undefined) return { json };
    if (verb === 'run' && name !== undefined && rest.length === 0) return { json, name };
    throw new UsageError('expected npx cdk-streamer schedules list, or npx cdk-streamer schedules run <name>');
  },
  run: async (options, io) => {
    const { runSchedules } = await import('../schedules/run');
    return runSchedules(options, io);
  },
});
