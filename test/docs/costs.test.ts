import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRICES } from '../../benchmarks/lib/prices';
import cost from '../../benchmarks/results/request-cost.json';
import { sweep } from '../../lambda-src/flows/dispatch/sweep';
import { Bench } from '../lambda-src/support/bench';

/** The costs that docs/deploying.md names are those of the counted calls. */
const page = readFileSync(join(__dirname, '../../docs/deploying.md'), 'utf8');
const figures: Readonly<Record<string, number>> = cost.figures;

const count = (pattern: RegExp): number =>
  Object.entries(figures).reduce((sum, [name, value]) => (pattern.test(name) ? sum + value : sum), 0);

test.each<[row: string, count: number, usd: number]>([
  ['messages over the WebSocket', count(/^messages_/), count(/^messages_/) * PRICES.webSocketMillion],
  ['DynamoDB, write units', count(/_write_units$/), count(/_write_units$/) * PRICES.writeMillion],
  ['DynamoDB, read units', count(/_read_units$/), count(/_read_units$/) * PRICES.readMillion],
  ['SQS, requests', count(/^sqs_/), count(/^sqs_/) * PRICES.sqsMillion + count(/^sqs_sends$/) * PRICES.sqsFairMillion],
  ['Lambda, invocations', count(/_invocations$/), count(/_invocations$/) * PRICES.invocationMillion],
])('the row of %s', (row, each, usd) => {
  expect(page).toContain(`| ${row} | ${each} | ${usd.toFixed(2)} |`);
});

test('the page states the sum of the costs', () => {
  expect(page).toContain(`| **total** | | **${figures.usd_per_million_requests.toFixed(2)}** |`);
});

test('the pages state the cost of an idle API', async () => {
  const bench = new Bench();
  let queries = 0;
  bench.beforeStore = (call) => {
    if (call === 'query') queries++;
  };
  await sweep(bench.deps);
  bench.platform.time += 60_000;
  queries = 0;
  await sweep(bench.deps);

  const runs = (365.25 / 12) * 24 * 60;
  const usd =
    (runs * (queries * 0.5 * PRICES.readMillion + PRICES.writeMillion + PRICES.invocationMillion)) / 1_000_000;
  expect(page).toContain(`each with ${queries} small queries`);
  expect(page).toContain(`USD ${usd.toFixed(1)}0 per month`);
});
