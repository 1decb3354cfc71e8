import { UsageError } from '../arguments';
import { findVariables } from '../client/find-run';
import { command, DONE } from '../command';

/** Prints the environment variables with which AWS tools use the services of the local run. */
export const envCommand = command({
  name: 'env',
  summary: 'print variables with which AWS tools use the local run',
  usage: [['env', 'for `eval "$(npx cdk-streamer env)"` in a shell']],
  options: {},
  notes: 'The variables contain credentials. Only this run accepts them, until it ends.',
  parse: ({ positionals }) => {
    if (positionals.length > 0) throw new UsageError(`expected no arguments, got: ${positionals.join(' ')}`);
    return {};
  },
  run: async (_options, { cwd, write }) => {
    for (const [name, value] of Object.entries(await findVariables(cwd))) write(`export ${name}=${quote(value)}`);
    return DONE;
  },
});

/** Quotes a value for a POSIX shell. */
const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;
