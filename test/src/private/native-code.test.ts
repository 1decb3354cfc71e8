import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { platformOfBinary, refuseForeignCode } from '../../../src/private/native-code';
import { makeProject } from '../support/project';

/** The first bytes of a program for Linux. */
function elf(machine: number, little = true): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46);
  header[5] = little ? 1 : 2;
  if (little) header.writeUInt16LE(machine, 18);
  else header.writeUInt16BE(machine, 18);
  return header;
}

const MACH_O = Buffer.from('cffaedfe0c000001', 'hex');
const PE = Buffer.from('MZ\x90\x00', 'latin1');

test.each([
  ['linux-arm64', elf(183)],
  ['linux-x64', elf(62)],
  ['linux-arm64', elf(183, false)],
  ['darwin', MACH_O],
  ['win32', PE],
  [undefined, elf(3)],
  [undefined, Buffer.from('text')],
])('%s is told by the first bytes', (platform, header) => {
  expect(platformOfBinary(header)).toBe(platform);
});

test('any bytes are read without an error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void platformOfBinary(Buffer.from(bytes))));
});

const ARM = { os: 'linux', cpu: 'arm64', isHost: false } as const;

function modules(files: Readonly<Record<string, Buffer>>): string {
  const root = makeProject({});
  for (const [name, contents] of Object.entries(files)) {
    const file = path.join(root, 'node_modules', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, contents);
  }
  return path.join(root, 'node_modules');
}

test('a package whose code is for other platforms only is refused with what helps', () => {
  const folder = modules({ '@scope/addon/build/addon.node': elf(62), 'other/x.node': elf(183) });
  expect(() => refuseForeignCode(folder, ARM)).toThrow(
    /the native code of `@scope\/addon` was installed for linux-x64, and the function is linux-arm64\..*set `architecture`/,
  );
});

test('a package that has code for several platforms, the function’s among them, is fine', () => {
  const folder = modules({ 'a/prebuilds/d.node': MACH_O, 'a/prebuilds/w.node': PE, 'a/prebuilds/l.node': elf(183) });
  expect(() => refuseForeignCode(folder, ARM)).not.toThrow();
});
