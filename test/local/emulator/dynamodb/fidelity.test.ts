import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cases } from './conformance';

const page = readFileSync(resolve(__dirname, '../../../../docs/fidelity/dynamodb.md'), 'utf8');

describe('docs/fidelity/dynamodb.md', () => {
  test('docs/fidelity/dynamodb.md has a row for each case of the conformance suite, in its words, and no case twice', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| DDB-'));
    const expected = cases.map(({ id, rule, source }) => `| ${id} | ${rule} | ${source} |`);
    expect(rows).toEqual(expect.arrayContaining(expected));
    expect(new Set(rows.map((row) => row.split('|')[1])).size).toBe(rows.length);
  });
});
