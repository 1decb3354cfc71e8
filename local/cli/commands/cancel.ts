import { UsageError } from '../arguments';
import { TARGET_OPTIONS } from '../client/target';
import { command } from '../command';

/** Cancels a request that was submitted before. */
export const cancelCommand = command({
  name: 'cancel',
  summary: 'stop an earlier request, for all its viewers',
  usage: [['cancel <id>', 'a request that waits ends at once, a handler that runs is notified']],
  options: {
    reason: { type: 'string', value: 'text', help: 'shown to the handler and to the viewers' },
    ...TARGET_OPTIONS,
    json: { type: 'boolean', help: 'print the state of the request as one line of JSON' },
  },
  notes: 'Exit code 0 also for a request that had ended before, which keeps its outcome.',
  parse: ({ values: { reason, json = false, ...target }, positionals }) => {
    const [id, ...rest] = positionals;
    if (id === undefined || rest.length > 0) throw new UsageError('expected one id: npx cdk-streamer cancel <id>');
    return { ...target, id, reason, json };
  },
  run: async (options, io) => {
    const { cancel } = await import('../client/cancel');
    return cancel(options, io);
  },
});
