import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { LogLevel } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamerBundlingOptions } from '../../options/streamer-bundling-options';
import { StreamerValidationError } from '../../validation/errors';
import { findLockFile, installationOf, type PackageManager } from './lock-file';
import { packageOf } from './names';

/** The operating system and processor for which packages are installed. */
export interface Platform {
  readonly os: string;
  readonly cpu: 'arm64' | 'x64';
  /** Whether the packages will run on the machine that installs them, as in a local run. */
  readonly isHost: boolean;
}

/** Platform of this machine, on which a local run executes the functions. */
export const hostPlatform = (): Platform => ({ os: process.platform, cpu: process.arch as 'x64', isHost: true });

/** Folders of finished installations in this process, by their packages. Functions with the same packages share one folder. */
const installed = new Map<string, string>();

/**
 * Installs packages with the versions of the lock file.
 *
 * @returns the path of the `node_modules` folder, from which the caller copies
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

/** Configuration files that set the target platform, for package managers without an option for it. */
function settingsOf(manager: PackageManager, { os: name, cpu, isHost }: Platform): Record<string, string> {
  const architectures = `supportedArchitectures:\n  os: [${name}]\n  cpu: [${cpu}]\n  libc: [glibc]\n`;
  if (manager === 'pnpm') return { 'pnpm-workspace.yaml': isHost ? '' : architectures };
  if (manager === 'yarn') return { '.yarnrc.yml': `nodeLinker: node-modules\n${isHost ? '' : architectures}` };
  return {};
}

/** Environment variables that set the target platform for install scripts that download prebuilt binaries (prebuild-install, node-pre-gyp). */
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

/** Removes files that the function does not need: the package manager's metadata, which differs between machines, and the packages' commands. */
function removeTraces(folder: string): void {
  for (const name of ['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity', '.cache', '.bin']) {
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Values of `e_machine` in an ELF header. */
const MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

/** Returns the platform of a file of native code, for example `linux-arm64`; undefined if the file's format is unknown. */
export function platformOfBinary(header: Buffer): string | undefined {
  if (header.length >= 20 && header.readUInt32BE(0) === 0x7f454c46) {
    const machine = MACHINES[header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)];
    return machine && `linux-${machine}`;
  }
  if (header.length >= 8 && [0xcffaedfe, 0xcafebabe].includes(header.readUInt32BE(0))) return 'darwin';
  if (header.length >= 2 && header.toString('latin1', 0, 2) === 'MZ') return 'win32';
  return undefined;
}

/** A file of native code, and the platform that it runs on. */
interface NativeFile {
  readonly file: string;
  readonly platform: string;
}

/**
 * Refuses packages whose native code runs only on other platforms, because an install script compiled it for this machine. Some packages also have a
 * prebuilt binary for the function's platform. Their compiled files are deleted instead, because loaders such as node-gyp-build prefer compiled
 * files.
 */
export function refuseForeignCode(nodeModules: string, { os, cpu }: Platform): void {
  const target = `${os}-${cpu}`;
  for (const [name, files] of nativeCodeOf(nodeModules)) {
    const compiled = files.filter(({ file, platform }) => platform !== target && isBuildOutput(file));
    const fitting = files.filter(({ platform }) => platform === target);
    if (compiled.length > 0 && fitting.some(({ file }) => !isForMusl(file))) {
      for (const { file } of compiled) fs.rmSync(file);
    } else if (compiled.length > 0 || fitting.length === 0) {
      throw foreignCode(name, compiled.length > 0 ? compiled : files, target);
    }
  }
}

/** Files of native code by package. */
function nativeCodeOf(nodeModules: string): Map<string, NativeFile[]> {
  const found = new Map<string, NativeFile[]>();
  for (const file of nativeFiles(nodeModules)) {
    const name = packageOf(file)?.name ?? nodeModules;
    const platform = platformOfBinary(headerOf(file));
    if (platform) found.set(name, [...(found.get(name) ?? []), { file, platform }]);
  }
  return found;
}

/** Whether node-gyp or CMake has written the file. Loaders search these folders before they search for prebuilt binaries. */
const isBuildOutput = (file: string): boolean => /[\\/](Release|Debug|build[\\/]default)[\\/][^\\/]+$/.test(file);

/** Whether a binary was built for musl, which its path then contains. Such a binary does not run on Lambda, which has glibc. */
const isForMusl = (file: string): boolean => /\bmusl\b/.test(path.basename(file)) || /musl[\\/][^\\/]+$/.test(file);

function foreignCode(name: string, files: readonly NativeFile[], target: string): StreamerValidationError {
  const platforms = [...new Set(files.map(({ platform }) => platform))].join(', ');
  return new StreamerValidationError(
    `\`bundling.nodeModules\`: the native code of \`${name}\` was installed for ${platforms}, and the function is ${target}. Use a version of it that has prebuilt binaries, set \`architecture\` to that of the machine that synthesizes, or synthesize on ${target}`,
  );
}

/**
 * Matches files in a package's `build` folder that node-gyp needs only while it compiles. They contain absolute paths, so they differ between
 * installations.
 */
const LEFTOVERS =
  /^(Makefile|config\.gypi|gyp-mac-tool|node_gyp_bins|.*\.(mk|Makefile|sln|vcxproj(\.\w+)?)|(Release|Debug)[\\/](\.deps|obj|obj\.target|.*\.(a|lib|pdb|stamp)))$/;

/** Deletes the intermediate files of node-gyp. */
export function removeBuildLeftovers(nodeModules: string): void {
  const names = fs.readdirSync(nodeModules, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    const [, build] = /^(.*[\\/]build)[\\/]config\.gypi$/.exec(name) ?? [];
    if (build === undefined) continue;
    const folder = path.join(nodeModules, build);
    const inside = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const each of inside.filter((file) => LEFTOVERS.test(file))) {
      fs.rmSync(path.join(folder, each), { recursive: true, force: true });
    }
  }
}

function nativeFiles(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.node')).map((name) => path.join(folder, name));
}

function headerOf(file: string): Buffer {
  const header = Buffer.alloc(20);
  const handle = fs.openSync(file, 'r');
  try {
    return header.subarray(0, fs.readSync(handle, header, 0, header.length, 0));
  } finally {
    fs.closeSync(handle);
  }
}
