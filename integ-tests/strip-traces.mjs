// Takes the stack traces out of the snapshots' metadata: they hold the paths of the machine that wrote them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.metadata.json'));

for (const file of files.map((each) => join(folder, each))) {
  const metadata = JSON.parse(readFileSync(file, 'utf8'));
  const stripped = Object.entries(metadata).map(([construct, entries]) => [
    construct,
    entries.filter(({ type }) => type !== 'aws:cdk:creationStack').map(({ trace: _, ...entry }) => entry),
  ]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(stripped), undefined, 2));
}
