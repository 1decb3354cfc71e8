import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/** The package's own folder, two above the bundle as above the source. */
export const PACKAGE_ROOT = path.join(__dirname, '../..');

export function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
