import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { type Finding, ok, warn } from './check';

const MIN_JAVA = 17;

/** Checks that Java is installed, which only `dev --dynamodb local` needs. */
export async function checkJava(java = 'java'): Promise<Finding> {
  const text = await promisify(execFile)(java, ['-version']).then(
    ({ stderr, stdout }) => stderr + stdout,
    () => '',
  );
  const major = Number(/version "(\d+)/.exec(text)?.[1] ?? 0);
  if (major >= MIN_JAVA) return ok(`Java ${major}, for \`dev --dynamodb local\``);
  const what = major === 0 ? 'no Java' : `Java ${major}`;
  return ok(`${what}: \`dev --dynamodb local\` needs Java ${MIN_JAVA}; the embedded tables need no Java`);
}

/** Checks that there are AWS credentials, which only a deployment needs. */
export function checkCredentials(env: NodeJS.ProcessEnv, home = homedir()): Finding {
  const named = [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ];
  const variable = named.find((name) => env[name] !== undefined);
  if (variable !== undefined) return ok(`AWS credentials in ${variable}, for deployments`);
  const file = ['.aws/credentials', '.aws/config'].find((name) => existsSync(path.join(home, name)));
  if (file !== undefined) return ok(`AWS credentials in ~/${file}, for deployments`);
  return warn('no AWS credentials: only deployments need them', 'aws configure sso');
}
