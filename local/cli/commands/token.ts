import { parseInteger, UsageError } from '../arguments';
import { findRun } from '../client/find-run';
import { TARGET_OPTIONS, tokenSource } from '../client/target';
import { command, DONE } from '../command';

const MAX_SECONDS = 86_400;

/** Prints a token that the local run accepts. */
export const tokenCommand = command({
  name: 'token',
  summary: 'print a token of the local run',
  usage: [['token', "prints the token of a user; in an app without login it is a visitor's secret"]],
  options: {
    user: TARGET_OPTIONS.user,
    tenant: TARGET_OPTIONS.tenant,
    expires: { type: 'string', value: 'seconds', help: 'how many seconds the token is valid (default 3600)' },
  },
  notes: 'Only the local run accepts the token.',
  parse: ({ values: { user, tenant, expires }, positionals }) => {
    if (positionals.length > 0) throw new UsageError(`expected options only, got: ${positionals.join(' ')}`);
    return { user, tenant, expiresInSeconds: parseInteger('expires', expires, 1, MAX_SECONDS) };
  },
  run: async (who, { cwd, write }) => {
    write(await tokenSource(await findRun(cwd), who)());
    return DONE;
  },
});
