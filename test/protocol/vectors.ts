import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../lambda-src/protocol';

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

/** A reader of a log, and the entries that it delivers: `protocol/vectors/README.md`, "The log". */
export interface LogVector {
  name: string;
  start: number | null;
  steps: LogStep[];
}
export interface LogStep {
  frame?: number;
  epoch?: string;
  read?: true;
  ack?: { epoch: string; offset: number; entries?: number[]; more?: boolean; recovered?: boolean };
  delivers?: number[];
  startsOver?: boolean;
  next?: number;
  missing?: boolean;
}

export const readLogVectors = (): LogVector[] => readJson('log.json') as LogVector[];

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

type CommandType = 'submit' | 'status' | 'cancel' | 'list' | 'send';

/** An event of the submit function; `sdk`: the event that an SDK sends for the command. */
export interface CommandVector {
  name: string;
  sdk?: boolean;
  event: unknown;
  invocationId?: string;
  command?: {
    type: CommandType;
    tenant: string;
    user: string;
    id?: string;
    action?: string;
    input?: unknown;
    deadlineMs?: number;
    priority?: string;
    debounce?: { key: string; waitMs: number; maxWaitMs?: number };
    reason?: string;
    request?: string;
    name?: string;
    data?: unknown;
  };
  code?: string;
}

/** An answer of the submit function, and the value that an SDK returns or throws. */
export interface AnswerVector {
  name: string;
  to: CommandType;
  /** Lambda's `FunctionError` is set. */
  failed?: boolean;
  payload: string;
  report?: object;
  error?: { code: string; retryable: boolean; details?: unknown };
}

/** A message of the topics' queue; `message: null`: the notifier drops the body. */
export interface PublishVector {
  name: string;
  sdk?: boolean;
  message: { tenant: string; topic: string; id: string; data: Json } | null;
  body: string;
  groupId: string;
  deduplicationId: string;
}

export interface AnnouncementVector {
  name: string;
  event: {
    source: string;
    'detail-type': string;
    detail: Record<string, unknown> & { status: string; endedAt: string };
  };
  webhook: { type: string; timestamp: string; data: object };
}

export interface WebhookVector {
  name: string;
  /** Secrets from which the sender computes exactly these headers; absent if there are none. */
  signedWith?: string[];
  secrets: string[];
  headers: Record<string, string>;
  body: string;
  /** Receiver's clock, in epoch seconds. */
  now: number;
  accepted: boolean;
}

/** An error of the AWS SDK, by its name and HTTP status, and the error that a server's client throws. */
export interface FailureVector {
  name: string;
  service: 'lambda' | 'sqs';
  error?: string;
  status?: number;
  code: string;
  retryable: boolean;
}

interface ServerVectors {
  commands: CommandVector;
  answers: AnswerVector;
  publish: PublishVector;
  announcements: AnnouncementVector;
  webhooks: WebhookVector;
  failures: FailureVector;
}

export function readServerVectors<File extends keyof ServerVectors>(file: File): ServerVectors[File][] {
  return readJson(join('server', `${file}.json`)) as ServerVectors[File][];
}
