import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { UsageError } from '../arguments';
import { command, DONE } from '../command';
import { createApp } from '../init/create-app';
import { recommendedFlags } from '../init/feature-flags';
import { findOwnPackages } from '../init/own-packages';
import { PACKAGE_ROOT, packageVersion } from '../package-version';

/** Creates a new application. */
export const initCommand = command({
  name: 'init',
  summary: 'create a new application',
  usage: [
    ['init', 'creates it in this folder, which must be empty'],
    ['init <folder>', 'creates it in a new or empty folder'],
  ],
  options: {
    packages: {
      type: 'string',
      value: 'dir',
      help: 'install cdk-streamer and its client from the packages in this folder, not from the registry',
    },
  },
  notes:
    'The application has a sync and an async action with schemas, tests, and the settings of TypeScript and the CDK.',
  parse: ({ values, positionals }) => {
    if (positionals.length > 1) throw new UsageError(`expected one folder, got: ${positionals.join(' ')}`);
    return { folder: positionals[0], packages: values.packages };
  },
  run: async ({ folder = '.', packages }, { cwd, write }) => {
    const target = path.resolve(cwd, folder);
    const packagesFolder = packages === undefined ? undefined : path.resolve(cwd, packages);
    const own = findOwnPackages(PACKAGE_ROOT, packageVersion(), packagesFolder);
    const flags = recommendedFlags(PACKAGE_ROOT);
    const files = createApp({ folder: target, template: templateFolder(), own, flags });
    for (const line of ['', ...files.map((file) => `  ${file}`), '', 'Run it with:', '']) write(line);
    write(
      `  ${target === cwd ? '' : `cd ${shorter(path.relative(cwd, target), target)} && `}npm install && npm run dev`,
    );
    write('');
    return DONE;
  },
});

const shorter = (a: string, b: string): string => (a.length <= b.length ? a : b);

/** Folder of the template: next to the bundles in the published package, otherwise in the sources. */
function templateFolder(): string {
  const built = path.join(PACKAGE_ROOT, 'lib/templates/app');
  return existsSync(built) ? built : path.join(PACKAGE_ROOT, 'templates/app');
}
