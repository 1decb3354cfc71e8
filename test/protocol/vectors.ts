import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const VECTORS = join(__dirname, '../../protocol/vectors');

/** A frame's text, as `protocol/vectors/README.md` writes it. */
export type RawParts = string | (string | { repeat: [string, number] })[];

export interface MessageVector {
  name: string;
  direction: 'client' | 'server';
  raw: RawParts;
}
export type ValidVector = MessageVector & { message?: unknown };
export type InvalidVector = MessageVector & { code: string; id?: string; topic?: string; path?: string };
export type GatewayVector = MessageVector & { gateway: boolean; code?: string };

export function readMessages<T extends MessageVector>(file: 'valid' | 'invalid' | 'gateway'): T[] {
  return readJson(join('messages', `${file}.json`)) as T[];
}

export interface HandshakeVector {
  name: string;
  headers: [name: string, value: string][];
  token: string | null;
}

export function readHandshakes(): HandshakeVector[] {
  const vectors = readJson('handshake.json') as {
    name: string;
    headers: [string, RawParts][];
    token: RawParts | null;
  }[];
  return vectors.map(({ name, headers, token }) => ({
    name,
    headers: headers.map(([header, value]) => [header, textOf(value)]),
    token: token && textOf(token),
  }));
}

export function readScenarios(): { file: string; scenario: unknown }[] {
  return readdirSync(join(VECTORS, 'scenarios'))
    .sort()
    .map((file) => ({ file, scenario: readJson(join('scenarios', file)) }));
}

export function textOf(raw: RawParts): string {
  return typeof raw === 'string'
    ? raw
    : raw.map((part) => (typeof part === 'string' ? part : part.repeat[0].repeat(part.repeat[1]))).join('');
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(VECTORS, path), 'utf8'));
}
