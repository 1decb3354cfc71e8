// Exits with 0 if the output of `npx projen compile` is missing or older than its sources; otherwise exits with 1.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The files that the parts of the build write last. */
const MADE = ['.jsii', 'lib/index.js', 'lib/local/cli.js', 'lib/testing/types/testing/index.d.ts'];
const MADE_OF_CLIENT = 'client-sdks/typescript/dist/package.json';
const FROM = [
  'src',
  'lambda-src',
  'local',
  'testing',
  'templates',
  'protocol',
  'scripts',
  'client-sdks/typescript/src',
];
const SINGLE = ['package.json', 'package-lock.json', 'client-sdks/typescript/package.json', 'README.md'];

const timeOf = (file) => statSync(join(root, file)).mtimeMs;
const below = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

const made = [...MADE, MADE_OF_CLIENT];
const missing = made.some((file) => !existsSync(join(root, file)));
const newest = Math.max(...[...FROM.flatMap(below), ...SINGLE].map(timeOf));
process.exitCode = missing || made.some((file) => timeOf(file) < newest) ? 0 : 1;
