import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { askRun, findOwnRun } from '../client/find-run';
import { readProject } from '../project';
import { type Finding, fail, ok, warn } from './check';
import { installedVersion } from './project-packages';
import { parseVersion, satisfies } from './semver';

/** Requirements of this package, as its package.json lists them. */
export interface Needs {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const DEFAULT_PORT = 4000;

export function checkNode(version: string, { engines }: Needs): Finding {
  if (satisfies(version, engines.node)) return ok(`Node.js ${version}`);
  return fail(`Node.js ${version} is too old`, `install Node.js ${engines.node.replaceAll(/[^\d.]/g, '')} or newer`);
}

/**
 * Checks whether the project has the Node.js version of the functions' runtime. The local run uses that version if the
 * project has it.
 */
export function checkRuntimeNode(project: string): Finding {
  const version = installedVersion('node', project);
  if (version !== undefined && parseVersion(version)?.[0] === 24) return ok(`functions run on Node.js ${version}`);
  if (process.versions.node.startsWith('24.')) return ok('functions run on the Node.js of Lambda, 24');
  return warn(
    `functions run on Node.js ${process.versions.node} here, but on Node.js 24 on Lambda`,
    'npm install --save-dev node@24',
  );
}

export function checkPeers(project: string, { peerDependencies }: Needs): Finding[] {
  return Object.entries(peerDependencies).map(([name, range]) => {
    const version = installedVersion(name, project);
    if (version === undefined) return fail(`${name} is not installed here`, `npm install --save-dev ${name}`);
    if (satisfies(version, range)) return ok(`${name} ${version}`);
    return fail(`${name} ${version} does not match: ${range} is required`, `npm install --save-dev ${name}@${range}`);
  });
}

export function checkEsbuild(project: string): Finding {
  const found = ['esbuild', 'esbuild-wasm'].find((name) => installedVersion(name, project) !== undefined);
  if (found !== undefined) return ok(`${found} ${installedVersion(found, project)}, which bundles handlers`);
  return fail('esbuild, which bundles handlers, is not installed here', 'npm install --save-dev esbuild');
}

export function checkApp(project: string): Finding {
  try {
    const { app } = readProject(project);
    if (app !== undefined) return ok(`cdk.json names the app: ${app}`);
  } catch (error) {
    return fail((error as Error).message, 'fix the file: it must be JSON');
  }
  if (existsSync(path.join(project, 'cdk.out/manifest.json'))) return ok('cdk.out contains a synthesized app');
  return fail(
    'there is neither a cdk.json that names an app, nor a cdk.out',
    'write {"app": "npx tsx app.ts"} to cdk.json',
  );
}

/** Checks whether the default port is free. A port in use is not a failure, because `dev` then uses the next one. */
export async function checkPort(project: string, port = DEFAULT_PORT): Promise<Finding> {
  const own = await findOwnRun(project);
  if (own) return ok(`the local run of this project answers at ${own.endpoint}`);
  if (await isFree(port)) return ok(`port ${port} is free`);
  const run = await askRun(`http://127.0.0.1:${port}`);
  if (run) return ok(`port ${port} is in use by the local run of another project: dev uses the next free one`);
  return warn(`port ${port} is in use by another program`, 'dev uses the next free one, or the one of --port');
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
