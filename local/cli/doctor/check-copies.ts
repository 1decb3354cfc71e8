import * as path from 'node:path';
import { type Finding, fail } from './check';
import type { Needs } from './checks';
import { installedFolder } from './project-packages';

const OWN = 'cdk-streamer';

/**
 * Checks that the project and this package use the same copy of the CDK. For TypeScript, the classes of two copies are
 * different types (TS2345), and one copy does not accept constructs of the other. The cause of a second copy is a
 * nested installation, or a package that is linked to a folder with its own packages.
 */
export function checkCopies(project: string, { peerDependencies }: Pick<Needs, 'peerDependencies'>): Finding[] {
  const users = [OWN, ...Object.keys(peerDependencies)];
  return Object.keys(peerDependencies).flatMap((name) => {
    const mine = installedFolder(name, project);
    if (mine === undefined) return [];
    return users.flatMap((user) => {
      const userFolder = user === name ? undefined : installedFolder(user, project);
      const other = userFolder === undefined ? undefined : installedFolder(name, userFolder);
      return other === undefined || other === mine ? [] : [twoCopies(project, { name, mine, user, other })];
    });
  });
}

interface Copies {
  readonly name: string;
  readonly mine: string;
  readonly user: string;
  readonly other: string;
}

function twoCopies(project: string, { name, mine, user, other }: Copies): Finding {
  const from = (folder: string) => path.relative(project, folder);
  return fail(
    `${name} is installed twice: ${from(mine)}, and ${from(other)} for ${user}; TypeScript then reports TS2345`,
    from(other).startsWith('node_modules')
      ? `npm dedupe, or npm install --save-dev ${name}@<the version that ${user} has>`
      : `${user} is a link to a folder: install the package that \`npm run pack\` creates there instead`,
  );
}
