import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import {
  platformOfBinary,
  refuseForeignCode,
  removeBuildLeftovers,
} from '../../../../src/bundling/packages/node-modules';
import { makeProject } from '../../support/project';

/** Returns the first bytes of a program for Linux. */
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
])('%s is recognized by its first bytes', (platform, header) => {
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

test('a package whose native code is only for other platforms is refused, and the error names the remedies', () => {
  const folder = modules({ '@scope/addon/build/addon.node': elf(62), 'other/x.node': elf(183) });
  expect(() => refuseForeignCode(folder, ARM)).toThrow(
    /the native code of `@scope\/addon` was installed for linux-x64, and the function is linux-arm64\..*set `architecture`/,
  );
});

test('a package is accepted if it has native code for several platforms, including the function’s', () => {
  const folder = modules({ 'a/prebuilds/d.node': MACH_O, 'a/prebuilds/w.node': PE, 'a/prebuilds/l.node': elf(183) });
  expect(() => refuseForeignCode(folder, ARM)).not.toThrow();
});

/** The files of bcrypt 6 after its install script has compiled the native code on x64. */
const COMPILED = {
  'bcrypt/build/Release/bcrypt.node': elf(62),
  'bcrypt/prebuilds/darwin-arm64/bcrypt.node': MACH_O,
  'bcrypt/prebuilds/linux-x64/bcrypt.glibc.node': elf(62),
  'bcrypt/prebuilds/linux-arm64/bcrypt.musl.node': elf(183),
};

test('code compiled for this machine is deleted if there is a prebuilt binary for the function', () => {
  const folder = modules({ ...COMPILED, 'bcrypt/prebuilds/linux-arm64/bcrypt.glibc.node': elf(183) });
  refuseForeignCode(folder, ARM);
  expect(fs.readdirSync(path.join(folder, 'bcrypt/build/Release'))).toEqual([]);
  expect(fs.readdirSync(path.join(folder, 'bcrypt/prebuilds')).sort()).toEqual([
    'darwin-arm64',
    'linux-arm64',
    'linux-x64',
  ]);
});

test('code compiled for this machine is refused if the only prebuilt binary is for musl', () => {
  const message = /native code of `bcrypt` was installed for linux-x64, and the function is linux-arm64/;
  expect(() => refuseForeignCode(modules(COMPILED), ARM)).toThrow(message);
});

test('code that was compiled for the function’s platform stays', () => {
  const folder = modules({ 'a/build/Release/a.node': elf(183), 'a/prebuilds/linux-arm64/a.node': elf(183) });
  refuseForeignCode(folder, ARM);
  expect(fs.readdirSync(path.join(folder, 'a/build/Release'))).toEqual(['a.node']);
});

test('the files that node-gyp leaves next to its output are deleted, and a `build` folder of another kind is not touched', () => {
  const text = Buffer.from('/tmp/cdk-streamer-a1b2');
  const folder = modules({
    'a/build/Makefile': text,
    'a/build/config.gypi': text,
    'a/build/a.target.mk': text,
    'a/build/binding.Makefile': text,
    'a/build/Release/.deps/Release/a.node.d': text,
    'a/build/Release/obj.target/a/a.o': text,
    'a/build/Release/obj.target/a.node': elf(62),
    'a/build/Release/node-addon-api/node_addon_api_except.stamp': text,
    'a/build/Release/a.node': elf(62),
    'b/build/Makefile': text,
    'b/build/index.js': text,
  });
  removeBuildLeftovers(folder);
  const left = fs.readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' });
  const files = left.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
  expect(files.map((file) => path.relative(folder, file)).sort()).toEqual([
    'a/build/Release/a.node',
    'b/build/Makefile',
    'b/build/index.js',
  ]);
});
