import * as fs from 'node:fs';
import * as path from 'node:path';
import { StreamerValidationError } from '../../validation/errors';
import { packageOf } from './names';
import type { Platform } from './node-modules';

/** Values of `e_machine` in an ELF header. */
const MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

/** Platform of a file, for example `linux-arm64`; undefined if its format is not known. */
export function platformOfBinary(header: Buffer): string | undefined {
  if (header.length >= 20 && header.readUInt32BE(0) === 0x7f454c46) {
    const machine = MACHINES[header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)];
    return machine && `linux-${machine}`;
  }
  if (header.length >= 8 && [0xcffaedfe, 0xcafebabe].includes(header.readUInt32BE(0))) return 'darwin';
  if (header.length >= 2 && header.toString('latin1', 0, 2) === 'MZ') return 'win32';
  return undefined;
}

/** A file of native code and its platform. */
interface NativeFile {
  readonly file: string;
  readonly platform: string;
}

/**
 * Refuses packages whose native code is only for other platforms, because an install script has compiled it for this machine. What a script compiled beside a
 * prebuilt binary for the function's platform is deleted: loaders such as node-gyp-build prefer it.
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

/** Whether the file is where node-gyp and CMake write, and where loaders look before they look for prebuilt binaries. */
const isBuildOutput = (file: string): boolean => /[\\/](Release|Debug|build[\\/]default)[\\/][^\\/]+$/.test(file);

/** Lambda has glibc. Prebuilt binaries for musl have it in their path. */
const isForMusl = (file: string): boolean => /\bmusl\b/.test(path.basename(file)) || /musl[\\/][^\\/]+$/.test(file);

function foreignCode(name: string, files: readonly NativeFile[], target: string): StreamerValidationError {
  const platforms = [...new Set(files.map(({ platform }) => platform))].join(', ');
  return new StreamerValidationError(
    `\`bundling.nodeModules\`: the native code of \`${name}\` was installed for ${platforms}, and the function is ${target}. Use a version of it that has ready-made binaries, set \`architecture\` to that of the machine that synthesizes, or synthesize on ${target}`,
  );
}

/** Files in the `build` folder of a package that node-gyp needs only while it compiles. They contain absolute paths, and so differ between installations. */
const LEFTOVERS =
  /^(Makefile|config\.gypi|gyp-mac-tool|node_gyp_bins|.*\.(mk|Makefile|sln|vcxproj(\.\w+)?)|(Release|Debug)[\\/](\.deps|obj|obj\.target|.*\.(a|lib|pdb|stamp)))$/;

/** Deletes what node-gyp leaves beside its output. */
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
