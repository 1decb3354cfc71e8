import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/** Folder of this package. It is two levels above this module, in the sources as in the bundles. */
export const PACKAGE_ROOT = path.join(__dirname, '../..');

export function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
