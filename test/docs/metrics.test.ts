import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '../../src/contract';

const page = readFileSync(join(__dirname, '../../docs/deploying.md'), 'utf8');

test.each(Object.values(METRICS).map(({ name }) => name))('docs/deploying.md lists the metric %s', (name) => {
  expect(page).toContain(`\`${name}\``);
});
