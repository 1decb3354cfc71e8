import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import aliases from '../../../../local/emulator/dynamodb/esbuild-alias.json';

const root = resolve(__dirname, '../../../..');

/**
 * Starts the engine, creates a table, puts an item over HTTP, and prints the records that a reader of the stream gets.
 */
const program = `
  import { startDynamoDb } from './local/emulator/dynamodb';
  async function main() {
    const endpoint = await startDynamoDb();
    const key = [{ AttributeName: 'pk', KeyType: 'HASH' }];
    const definition = [{ AttributeName: 'pk', AttributeType: 'S' }];
    const { streamArn } = await endpoint.createTable({ tableName: 'items', keySchema: key, attributeDefinitions: definition, streamViewType: 'KEYS_ONLY' });
    const headers = { 'x-amz-target': 'DynamoDB_20120810.PutItem', authorization: 'AWS4-HMAC-SHA256 x' };
    const response = await fetch(endpoint.url, { method: 'POST', headers, body: JSON.stringify({ TableName: 'items', Item: { pk: { S: 'a' } } }) });
    const reader = endpoint.stream(streamArn);
    const [shard] = await reader.shards();
    const { records } = await reader.read(shard, 'TRIM_HORIZON', 10);
    console.log(response.status, JSON.stringify(records[0].dynamodb.Keys));
    await endpoint.close();
  }
  void main();
`;

describe('The bundle', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ddb-bundle-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('The bundle is one CommonJS file that needs no package and no native library', async () => {
    const outfile = join(folder, 'bundle.cjs');
    const alias = Object.fromEntries(Object.entries(aliases).map(([name, path]) => [name, resolve(root, path)]));
    const { metafile } = await build({
      stdin: { contents: program, resolveDir: root, loader: 'ts' },
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      alias,
      outfile,
      metafile: true,
      logLevel: 'silent',
    });
    expect(Object.keys(metafile.inputs).filter((path) => /level/.test(path))).toEqual([
      'local/emulator/dynamodb/dynalite/no-level.ts',
    ]);
    const output = execFileSync(process.execPath, [outfile], { cwd: folder, encoding: 'utf8', env: {} });
    expect(output.trim()).toBe('200 {"pk":{"S":"a"}}');
  });
});
