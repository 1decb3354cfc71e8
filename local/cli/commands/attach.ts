import { UsageError } from '../arguments';
import { command } from '../command';
import { FOLLOW_NOTES, FOLLOW_OPTIONS, parseTimeout } from './request';

/** Shows a request that exists already. */
export const attachCommand = command({
  name: 'attach',
  summary: 'show an earlier request from its beginning',
  usage: [['attach <id>', 'shows its events, its progress and its result']],
  options: FOLLOW_OPTIONS,
  notes: FOLLOW_NOTES,
  parse: ({ values: { timeout, json = false, ...target }, positionals }) => {
    const [id, ...rest] = positionals;
    if (id === undefined || rest.length > 0) throw new UsageError('expected one id: npx cdk-streamer attach <id>');
    return { id, follow: { ...target, json, timeoutMs: parseTimeout(timeout) } };
  },
  run: async ({ id, follow: options }, io) => {
    const { follow } = await import('../client/follow');
    return follow({ kind: 'attach', id }, options, io);
  },
});
