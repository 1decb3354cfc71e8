import type { DynamoDbEndpoint } from '../../../../local/emulator/dynamodb';
import { capacityCases } from './cases/capacity';
import { conditionCases } from './cases/conditions';
import { itemCases } from './cases/items';
import { queryCases } from './cases/queries';
import { streamCases } from './cases/streams';
import { tableCases } from './cases/tables';
import { transactionCases } from './cases/transactions';
import { timeToLiveCases } from './cases/ttl';
import { wireCases } from './cases/wire';
import { Harness } from './harness';

/** One rule of DynamoDB. The id and the rule are the name of the test and a row in docs/fidelity/dynamodb.md. */
export interface Case {
  readonly id: string;
  readonly rule: string;
  /** Source of the rule. */
  readonly source: string;
  run(harness: Harness): Promise<void>;
}

export const cases: readonly Case[] = [
  ...wireCases,
  ...tableCases,
  ...itemCases,
  ...conditionCases,
  ...queryCases,
  ...transactionCases,
  ...capacityCases,
  ...streamCases,
  ...timeToLiveCases,
];

/**
 * Runs all cases with one engine.
 *
 * @param differences ids of the rules that this engine does not follow. Their cases must fail, so that the list has no
 * outdated ids.
 */
export function conformance(
  engine: string,
  start: () => Promise<DynamoDbEndpoint>,
  differences = new Set<string>(),
): void {
  describe(`${engine} behaves as DynamoDB`, () => {
    let harness: Harness;

    beforeAll(async () => {
      harness = new Harness(await start());
    });

    afterAll(() => harness.close());

    for (const { id, rule, run } of cases) {
      const test = differences.has(id) ? it.failing : it;
      test(`${id} ${rule}`, () => run(harness));
    }
  });
}
