import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The metrics that the functions write are those that docs/deploying.md lists. */
const functions = join(__dirname, '../../lambda-src/functions');
const page = readFileSync(join(__dirname, '../../docs/deploying.md'), 'utf8');

const written = readdirSync(functions).flatMap((file) => {
  const source = readFileSync(join(functions, file), 'utf8');
  return [...source.matchAll(/(?:addMetric|count)\(([^,;]*)/g)].flatMap(([, argument]) =>
    [...argument.matchAll(/'([A-Z]\w+)'/g)].map(([, name]) => name),
  );
});

test('there are some', () => {
  expect(written.length).toBeGreaterThan(5);
});

test.each([...new Set(written)])('%s is listed', (name) => {
  expect(page).toContain(`\`${name}\``);
});
