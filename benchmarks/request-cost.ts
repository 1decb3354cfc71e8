import { join } from 'node:path';
import type { LocalRun } from '../local/run';
import { CallCounter, type Counts, difference } from './lib/calls';
import { usdPerMillion } from './lib/cost';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';
import { withClient, withRun } from './lib/workload';

const REQUESTS = 5;
/** The values P and R of the cost formula: ten progress messages within two seconds, and a result of 4 KB. */
const INPUT = { progressSends: 10, everyMs: 200, resultBytes: 4096 };

const TABLES = {
  connections: 'Streamer/Connections/Table',
  requests: 'Streamer/Requests/Table',
  subscriptions: 'Streamer/Subscriptions/Table',
  events: 'Streamer/Events/Table',
};
const QUEUE = 'Streamer/Processors/work/Queue';

/** Computes the cost of one async request on AWS. It counts the calls that the request makes in a local run. */
export const requestCost: Benchmark = (report) =>
  withScratch(async (folder) => {
    await synthesize('workload', join(folder, 'assembly'));
    report(`${REQUESTS} requests, one after another …`);
    const counts = await withRun(join(folder, 'assembly'), countsOfOne);
    const usd = usdPerMillion(counts);
    return {
      versions: versionsOf('@aws-sdk/client-dynamodb', '@aws-sdk/client-sqs', 'dynalite'),
      figures: {
        usd_per_million_requests: significant(usd, 4),
        usd_per_message: significant(usd / 1e6 / counts.messages_out),
        ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, significant(count, 4)])),
      },
    };
  });

/** Returns the mean numbers of calls of several requests. Their connection has already served one request. */
async function countsOfOne(run: LocalRun): Promise<Counts> {
  const counter = new CallCounter(run, QUEUE, TABLES);
  return withClient(run, counter.socketClass(), async (client) => {
    await client.request('work', INPUT);
    const before = await counter.settled();
    for (let request = 0; request < REQUESTS; request++) await client.request('work', INPUT);
    const total = difference(await counter.settled(), before);
    const idle = Object.keys(total).filter((name) => /^(sweeper|authorizer)_/.test(name) && total[name] > 0);
    if (idle.length > 0) throw new Error(`another's work was counted (${idle.join(', ')}): measure again`);
    return Object.fromEntries(
      Object.entries(total).flatMap(([name, count]) => (count > 0 ? [[name, count / REQUESTS]] : [])),
    );
  });
}
