import { parseChoice, parseInteger, UsageError } from '../arguments';
import { command } from '../command';
import type { DevOptions } from '../dev-options';

const OPTIONS = {
  app: { type: 'string', value: 'cmd', help: 'synthesize the app with this command, then run it' },
  port: { type: 'string', value: 'n', help: 'listen on this port, or the next free one; 0 for any (default 4000)' },
  pages: { type: 'string', value: 'dir', help: 'serve a built single-page app at /' },
  dynamodb: {
    type: 'string',
    value: 'engine',
    help: "embedded (default), or local: AWS's DynamoDB Local, which needs Java",
  },
  'max-concurrency': {
    type: 'string',
    value: 'n',
    help: 'maximum number of processes per function (default: one for each 256 MB of memory, 4 to 128)',
  },
  inspect: {
    type: 'string',
    value: 'action',
    optional: true,
    help: "open Node.js's inspector in the function of an action, or in the router's",
  },
  'inspect-port': { type: 'string', value: 'n', help: 'port of the inspector (default 9229)' },
  open: { type: 'boolean', help: 'open the console in a browser' },
  fresh: { type: 'boolean', help: 'discard the tables, queues, objects and keys of the last run' },
  'no-watch': { type: 'boolean', help: 'do not bundle handlers again when they are saved' },
  verbose: { type: 'boolean', help: 'log every request with details' },
} as const;

/** Runs a synthesized application on this machine. */
export const devCommand = command({
  name: 'dev',
  summary: 'run the app on this machine',
  usage: [
    ['dev', 'synthesize and run the app in cdk.json; without cdk.json, run ./cdk.out'],
    ['dev <assembly>', 'run the cloud assembly in that folder'],
  ],
  options: OPTIONS,
  notes: 'Ctrl-C ends the run and all its processes. A second Ctrl-C ends them immediately.',
  parse: ({ values, positionals }): DevOptions => {
    if (positionals.length > 1) throw new UsageError(`expected one assembly, got: ${positionals.join(' ')}`);
    if (positionals.length === 1 && values.app !== undefined) {
      throw new UsageError('give either an assembly or --app, not both');
    }
    return {
      app: values.app,
      assemblyDir: positionals[0],
      port: parseInteger('port', values.port, 0, 65_535),
      pagesDir: values.pages,
      dynamodb: parseChoice('dynamodb', values.dynamodb, ['embedded', 'local']),
      maxConcurrency: parseInteger('max-concurrency', values['max-concurrency'], 1, 1000),
      inspect:
        values.inspect === undefined
          ? undefined
          : { target: values.inspect, port: parseInteger('inspect-port', values['inspect-port'], 1, 65_535) ?? 9229 },
      open: values.open ?? false,
      verbose: values.verbose ?? false,
      fresh: values.fresh ?? false,
      watch: !values['no-watch'],
    };
  },
  run: async (options, { write, cwd, shutdown }) => {
    // only this command loads the modules of the local run, because they are large
    const { dev } = await import('../dev');
    return dev(options, { write, cwd, shutdown: shutdown() });
  },
});
