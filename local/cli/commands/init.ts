import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { UsageError } from '../arguments';
import { command, DONE } from '../command';
import { createApp } from '../init/create-app';
import { PACKAGE_ROOT, packageVersion } from '../package-version';

/** Makes a new application. */
export const initCommand = command({
  name: 'init',
  summary: 'make a new application',
  usage: [
    ['init', 'in this folder, which must be empty'],
    ['init <folder>', 'in a new or empty one'],
  ],
  options: {},
  notes: 'It has a sync and an async action with schemas, tests, and the settings of TypeScript and the CDK.',
  parse: ({ positionals }) => {
    if (positionals.length > 1) throw new UsageError(`expected one folder, got: ${positionals.join(' ')}`);
    return { folder: positionals[0] };
  },
  run: async ({ folder = '.' }, { cwd, write }) => {
    const target = path.resolve(cwd, folder);
    const files = createApp({ folder: target, template: templateFolder(), version: packageVersion() });
    for (const line of ['', ...files.map((file) => `  ${file}`), '', 'Run it with:', '']) write(line);
    write(`  ${target === cwd ? '' : `cd ${path.relative(cwd, target)} && `}npm install && npm run dev`);
    write('');
    return DONE;
  },
});

/** Beside the bundles, or where the build takes it from. */
function templateFolder(): string {
  const built = path.join(PACKAGE_ROOT, 'lib/templates/app');
  return existsSync(built) ? built : path.join(PACKAGE_ROOT, 'templates/app');
}
