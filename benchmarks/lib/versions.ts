import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the repository. */
export const ROOT = join(__dirname, '..', '..');

/** Path of the Node.js version that Lambda uses. It comes from npm. */
export const LAMBDA_NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');

/** Returns the installed versions of packages by name. */
export function versionsOf(...packages: string[]): Record<string, string> {
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

function versionOf(name: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
