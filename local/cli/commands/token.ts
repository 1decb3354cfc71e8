import { parseInteger, UsageError } from '../arguments';
import { findRun } from '../client/find-run';
import { TARGET_OPTIONS, tokenSource } from '../client/target';
import { command, DONE } from '../command';

const MAX_SECONDS = 86_400;

/** Prints a token that the local run accepts. */
export const tokenCommand = command({
  name: 'token',
  summary: 'print a token of the local run',
  usage: [['token', "for a user; an app without login takes it as a visitor's secret"]],
  options: {
    user: TARGET_OPTIONS.user,
    tenant: TARGET_OPTIONS.tenant,
    expires: { type: 'string', value: 'seconds', help: 'how long it is valid (default 3600)' },
  },
  notes: 'It opens the local run and nothing else.',
  parse: ({ values: { user, tenant, expires }, positionals }) => {
    if (positionals.length > 0) throw new UsageError(`expected options only, got: ${positionals.join(' ')}`);
    return { user, tenant, expiresInSeconds: parseInteger('expires', expires, 1, MAX_SECONDS) };
  },
  run: async (who, { cwd, write }) => {
    write(await tokenSource(await findRun(cwd), who)());
    return DONE;
  },
});
