import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { unzip } from '../../../../local/run/from-template/unzip';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'unzip-test-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

interface Entry {
  readonly name: string;
  readonly content: Buffer;
  readonly stored?: boolean;
  readonly mode?: number;
}

/** Writes a zip file according to the format's specification (APPNOTE), without checksums. */
function zipOf(entries: readonly Entry[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored, mode = 0 } of entries) {
    const packed = stored ? content : deflateRawSync(content);
    const fields = Buffer.alloc(22);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(Buffer.byteLength(name), 0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, lengths, Buffer.from(name), packed]);
    const end = Buffer.alloc(14);
    end.writeUInt32LE((mode << 16) >>> 0, 6);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), fields, lengths, end, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, central, end, Buffer.from(comment)]);
}

function unpack(zip: Buffer): string {
  const file = path.join(dir, 'code.zip');
  const target = path.join(dir, 'out');
  writeFileSync(file, zip);
  unzip(file, target);
  return target;
}

test('any content is unpacked unchanged, stored or deflated', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), (bytes, stored) => {
      const content = Buffer.from(bytes);
      const target = unpack(zipOf([{ name: 'a/b.bin', content, stored }]));
      expect(readFileSync(path.join(target, 'a/b.bin')).equals(content)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('folders, permissions and a comment at the end are supported', () => {
  const target = unpack(
    zipOf(
      [
        { name: 'nodejs/', content: Buffer.alloc(0), stored: true },
        { name: 'nodejs/run.sh', content: Buffer.from('#!/bin/sh'), mode: 0o100755 },
        { name: 'index.js', content: Buffer.from('1') },
      ],
      'made by hand',
    ),
  );

  expect(statSync(path.join(target, 'nodejs/run.sh')).mode & 0o111).toBe(0o111);
  expect(statSync(path.join(target, 'index.js')).mode & 0o777).toBe(0o644);
});

test('an entry outside the folder is refused', () => {
  expect(() => unpack(zipOf([{ name: '../evil.js', content: Buffer.from('x') }]))).toThrow(
    'has an entry outside its folder: ../evil.js',
  );
});

test('a file that is not a zip file is refused', () => {
  expect(() => unpack(Buffer.from('not a zip file, but long enough to hold an end record'))).toThrow(
    'is not a zip file',
  );
});
