import { command } from '../command';
import { parseRequests, REQUESTS_OPTIONS } from '../requests/options';

/**
 * Lists, shows, cancels and redrives requests of all users, and sends messages to requests. The command is for
 * operators.
 */
export const requestsCommand = command({
  name: 'requests',
  summary: 'list, show, cancel, redrive and message the requests of all users',
  usage: [
    ['requests list', 'requests, the latest first'],
    ['requests list --tenant acme --user ann', 'the requests of one user'],
    ['requests show <key>', 'everything about one request, with the history of its attempts'],
    ['requests cancel <key>…', 'end these requests, as their users can'],
    ['requests redrive <key>…', 'start these again, with the same id, log and viewers'],
    ['requests send <key> <name> [json]', 'send a message to a running request: JSON, @file, or - for stdin'],
    ['requests redrive --dead --action report', 'count the dead letters of an action; with --yes, redrive them'],
  ],
  options: REQUESTS_OPTIONS,
  notes: [
    'A key is `tenant#user#id`, as the list shows it; an id alone is looked up.',
    'The command uses the tables directly: with --stack, your AWS credentials must allow that.',
  ].join('\n'),
  parse: (given) => parseRequests(given),
  run: async (options, io) => {
    const { runRequests } = await import('../requests/run');
    return runRequests(options, io);
  },
});
