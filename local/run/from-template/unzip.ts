import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * Unpacks a zip file, as Lambda does with uploaded code. It supports neither zip64 nor encryption.
 *
 * @throws Error if the file is not a zip file of this kind, or if an entry would be written outside `target`
 */
export function unzip(file: string, target: string): void {
  const zip = readFileSync(file);
  const end = findEnd(zip, file);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    at = unpackEntry(zip, at, target, file);
  }
}

/** Finds the end record. Only a comment of up to 64 KB may follow it. */
function findEnd(zip: Buffer, file: string): number {
  for (let at = zip.length - END_BYTES; at >= Math.max(0, zip.length - END_BYTES - 0xffff); at--) {
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw new Error(`${file} is not a zip file`);
}

function unpackEntry(zip: Buffer, at: number, target: string, file: string): number {
  if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error(`${file} is damaged`);
  const nameLength = zip.readUInt16LE(at + 28);
  const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
  const destination = path.resolve(target, name);
  if (!`${destination}${path.sep}`.startsWith(`${path.resolve(target)}${path.sep}`)) {
    throw new Error(`${file} has an entry outside its folder: ${name}`);
  }
  if (name.endsWith('/')) {
    mkdirSync(destination, { recursive: true });
  } else {
    mkdirSync(path.dirname(destination), { recursive: true });
    writeFileSync(destination, contentOf(zip, at, file), { mode: modeOf(zip, at) });
  }
  return at + 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
}

function contentOf(zip: Buffer, at: number, file: string): Buffer {
  const method = zip.readUInt16LE(at + 10);
  const local = zip.readUInt32LE(at + 42);
  const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(begin, begin + zip.readUInt32LE(at + 20));
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed);
  throw new Error(`${file} uses compression method ${method}, which is not supported`);
}

/**
 * Returns the Unix permissions, which are in the upper 16 bits of the external attributes. Without them, the entry is
 * an ordinary file.
 */
function modeOf(zip: Buffer, at: number): number {
  return (zip.readUInt32LE(at + 38) >>> 16) & 0o777 || 0o644;
}
