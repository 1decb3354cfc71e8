import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNumberKey, type KeySchema, TABLE_NAMES, TABLE_SCHEMAS, type TableSchema } from '../../../src/stores/schema';

const page = readFileSync(join(__dirname, '../../../docs/deploying.md'), 'utf8');

const keys = ({ partitionKey, sortKey }: KeySchema): string =>
  [partitionKey, ...(sortKey ? [sortKey] : [])]
    .map((name) => `\`${name}\` ${isNumberKey(name) ? 'N' : 'S'}`)
    .join(', ');

test.each(TABLE_NAMES)('docs/deploying.md describes how to create the table %s', (name) => {
  const { key, indexes }: TableSchema = TABLE_SCHEMAS[name];
  const listed = indexes.map((index) => `\`${index.indexName}\`: ${keys(index)}`).join('; ');
  expect(page).toContain(`| \`${name}\` | ${keys(key)} | ${listed || 'none'} |`);
});
