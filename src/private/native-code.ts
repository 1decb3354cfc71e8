import * as fs from 'node:fs';
import * as path from 'node:path';
import { StreamerValidationError } from './errors';
import type { Platform } from './node-modules';
import { packageOf } from './packages';

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

/** Refuses packages whose native code is only for other platforms, because an install script has compiled it for this machine. */
export function refuseForeignCode(nodeModules: string, { os, cpu }: Platform): void {
  const found = new Map<string, Set<string>>();
  for (const file of nativeFiles(nodeModules)) {
    const name = packageOf(file)?.name ?? nodeModules;
    const platform = platformOfBinary(headerOf(file));
    if (platform) found.set(name, (found.get(name) ?? new Set()).add(platform));
  }
  for (const [name, platforms] of found) {
    if (platforms.has(`${os}-${cpu}`)) continue;
    throw new StreamerValidationError(
      `\`bundling.nodeModules\`: the native code of \`${name}\` was installed for ${[...platforms].join(', ')}, and the function is ${os}-${cpu}. Use a version of it that has ready-made binaries, set \`architecture\` to that of the machine that synthesizes, or synthesize on ${os}-${cpu}`,
    );
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
