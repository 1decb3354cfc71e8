import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { LogLevel } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamerBundlingOptions } from '../../options/streamer-bundling-options';
import { StreamerValidationError } from '../../validation/errors';
import { findLockFile, installationOf, type PackageManager } from './lock-file';
import { refuseForeignCode, removeBuildLeftovers } from './native-code';

/** The platform that packages are installed for. */
export interface Platform {
  readonly os: string;
  readonly cpu: 'arm64' | 'x64';
  /** The packages run on the machine where they are installed, as in a local run. */
  readonly isHost: boolean;
}

/** Platform of this machine, on which a local run executes the functions. */
export const hostPlatform = (): Platform => ({ os: process.platform, cpu: process.arch as 'x64', isHost: true });

/** Installations of this process by their packages: functions with the same packages share one. */
const installed = new Map<string, string>();

/**
 * Installs packages with the versions of the lock file.
 *
 * @returns the `node_modules` folder, from which the caller copies
 */
export function installModules(projectRoot: string, options: StreamerBundlingOptions, platform: Platform): string {
  const modules = [...(options.nodeModules ?? [])].sort();
  const lockFile = findLockFile(projectRoot);
  const { manifest, lock } = installationOf(projectRoot, lockFile, modules);
  const key = JSON.stringify([manifest, String(lock), platform, options.environment]);
  const known = installed.get(key);
  if (known) return known;
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  fs.writeFileSync(path.join(folder, path.basename(lockFile.file).replace('npm-shrinkwrap', 'package-lock')), lock);
  for (const [name, text] of Object.entries(settingsOf(lockFile.manager, platform))) {
    fs.writeFileSync(path.join(folder, name), text);
  }
  run(folder, commandOf(lockFile.manager, options, platform), { ...environmentOf(platform), ...options.environment });
  const result = path.join(folder, 'node_modules');
  removeTraces(result);
  removeBuildLeftovers(result);
  if (!platform.isHost) refuseForeignCode(result, platform);
  installed.set(key, result);
  return result;
}

/** A temporary folder that is deleted when this process ends. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-streamer-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function commandOf(
  manager: PackageManager,
  { logLevel = LogLevel.ERROR }: StreamerBundlingOptions,
  platform: Platform,
) {
  const target = platform.isHost ? [] : ['--os', platform.os, '--cpu', platform.cpu];
  const commands: Readonly<Record<PackageManager, string[]>> = {
    npm: [
      ...['npm', 'ci', '--install-links', '--no-audit', '--no-fund', '--loglevel', logLevel],
      ...(platform.isHost ? [] : [...target, '--libc', 'glibc']),
    ],
    pnpm: [
      ...['pnpm', 'install', '--config.node-linker=hoisted', '--config.package-import-method=clone-or-copy'],
      '--no-prefer-frozen-lockfile',
    ],
    yarn: ['yarn', 'install', '--no-immutable'],
    bun: ['bun', 'install', '--backend', 'copyfile', ...target],
  };
  return commands[manager];
}

/** Configuration files that set the platform for package managers without an option for it. */
function settingsOf(manager: PackageManager, { os: name, cpu, isHost }: Platform): Record<string, string> {
  const architectures = `supportedArchitectures:\n  os: [${name}]\n  cpu: [${cpu}]\n  libc: [glibc]\n`;
  if (manager === 'pnpm') return { 'pnpm-workspace.yaml': isHost ? '' : architectures };
  if (manager === 'yarn') return { '.yarnrc.yml': `nodeLinker: node-modules\n${isHost ? '' : architectures}` };
  return {};
}

/** Environment variables that set the platform for install scripts that download prebuilt binaries: prebuild-install, node-pre-gyp. */
function environmentOf({ os: name, cpu, isHost }: Platform): Record<string, string> {
  if (isHost) return {};
  return {
    npm_config_platform: name,
    npm_config_arch: cpu,
    npm_config_libc: 'glibc',
    npm_config_target_platform: name,
    npm_config_target_arch: cpu,
    npm_config_target_libc: 'glibc',
  };
}

function run(cwd: string, [command, ...args]: readonly string[], environment: Record<string, string>): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!error && status === 0) return;
  const said = error ? error.message : `${stderr}\n${stdout}`.trim().split('\n').slice(-20).join('\n');
  throw new StreamerValidationError(`\`bundling.nodeModules\` could not be installed by \`${command}\`. ${said}`);
}

/** Files that are not copied: metadata of package managers, which differs between machines, and the packages' commands, which are not used. */
function removeTraces(folder: string): void {
  for (const name of ['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity', '.cache', '.bin']) {
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
