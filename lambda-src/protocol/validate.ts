import * as v from 'valibot';
import { CLIENT_SCHEMAS } from './client-schemas';
import { CONSTANTS, type ErrorCode } from './constants';
import { StreamerError } from './errors';
import type { ClientMessage, GatewayFrame, Issue, Json, ServerMessage, WireError } from './messages';
import { gatewayFrame, SERVER_SCHEMAS } from './server-schemas';
import { exceedsBytes, findStructureFault, formatPath, type StructureFault } from './structure';

/** The side that sends a message. */
export type Direction = 'client' | 'server';

export interface Invalid {
  readonly ok: false;
  readonly error: WireError;
  /** The message's id, if a valid one could be read. */
  readonly id?: string;
  /** The message's topic, if a valid one could be read. */
  readonly topic?: string;
  /** The message's type, if this side may send such a message. */
  readonly for?: string;
}

export interface Valid<M> {
  readonly ok: true;
  readonly kind: 'message';
  readonly message: M;
}

export interface Gateway {
  readonly ok: true;
  readonly kind: 'gateway';
  readonly gateway: GatewayFrame;
}

export type ClientValidation = Valid<ClientMessage> | Invalid;
export type ServerValidation = Valid<ServerMessage> | Gateway | Invalid;

const { limits, patterns, envelopeVersion } = CONSTANTS;
const BOUNDS = {
  client: { bytes: limits.clientFrameBytes, depth: limits.clientDepth, values: limits.clientFrameBytes },
  server: { bytes: limits.serverMessageBytes, depth: limits.serverDepth, values: limits.serverMessageBytes },
} as const;
const NAMES = { id: new RegExp(patterns.requestId), topic: new RegExp(patterns.topic) };

const PARSE = { abortPipeEarly: true } as const;

type Fields = Record<string, unknown>;

/**
 * Validates messages of both directions, whether they were received or will be sent.
 *
 * @param raw the string of a frame, or a value that will become a frame
 * @param direction the sender
 * @returns the message without unknown fields; or API Gateway's own frame (server direction only); or the error to answer with. The function never
 * throws. The error never contains a value of the message.
 */
export function validateMessage(raw: unknown, direction: 'client'): ClientValidation;
export function validateMessage(raw: unknown, direction: 'server'): ServerValidation;
export function validateMessage(raw: unknown, direction: Direction): ClientValidation | ServerValidation {
  const parsed = parse(raw, direction);
  if (!parsed.ok) return parsed;
  const message = parsed.value;
  const error =
    structureError(message, direction) ?? sizeError(raw, message, direction) ?? versionError(message, direction);
  if (error) return refuse(error, message, direction);
  return direction === 'client' ? validateClient(message) : validateServer(message);
}

function parse(raw: unknown, direction: Direction): { ok: true; value: Fields } | Invalid {
  let value = raw;
  if (typeof raw === 'string') {
    if (exceedsBytes(raw, BOUNDS[direction].bytes)) return { ok: false, error: tooLarge(direction) };
    try {
      value = JSON.parse(raw);
    } catch {
      return {
        ok: false,
        error: failure('INVALID_JSON', 'The frame is not JSON. Send one JSON object per text frame.'),
      };
    }
  }
  return isObject(value)
    ? { ok: true, value }
    : { ok: false, error: failure('INVALID_MESSAGE', 'The frame must be a JSON object with a `type`.') };
}

function structureError(message: Fields, direction: Direction): WireError | undefined {
  const fault = findStructureFault(message, BOUNDS[direction]);
  if (!fault) return undefined;
  if (fault.code === 'MESSAGE_TOO_LARGE') return tooLarge(direction);
  const subject = fault.path === '' ? 'The message' : `\`${fault.path}\``;
  return failure(fault.code, `${subject} ${fault.reason}.`, [{ path: fault.path, message: fault.reason }]);
}

/**
 * Checks the size of a message. A received string has been measured before it was parsed. A value is measured in the form of the frame that it will
 * become.
 */
function sizeError(raw: unknown, message: Fields, direction: Direction): WireError | undefined {
  if (typeof raw === 'string') return undefined;
  return exceedsBytes(JSON.stringify(message), BOUNDS[direction].bytes) ? tooLarge(direction) : undefined;
}

function versionError({ v: version }: Fields, direction: Direction): WireError | undefined {
  if (direction === 'server' || version === undefined || version === envelopeVersion) return undefined;
  return Number.isSafeInteger(version)
    ? failure(
        'UNSUPPORTED_VERSION',
        `This server speaks version ${envelopeVersion} of the envelope. Leave \`v\` out or send ${envelopeVersion}.`,
      )
    : issuesError([{ path: 'v', message: 'must be an integer' }]);
}

function validateClient(message: Fields): ClientValidation {
  const { type } = message;
  const schema = typeof type === 'string' ? CLIENT_SCHEMAS.get(type) : undefined;
  if (!schema) return refuse(typeError(type, CONSTANTS.clientTypes), message, 'client');
  const result = v.safeParse(schema, message, PARSE);
  return result.success
    ? { ok: true, kind: 'message', message: result.output }
    : refuse(schemaError(result.issues), message, 'client');
}

function validateServer(message: Fields): ServerValidation {
  const { type } = message;
  if (type === undefined && v.is(gatewayFrame, message)) {
    return { ok: true, kind: 'gateway', gateway: v.parse(gatewayFrame, message) };
  }
  const schemaOf = typeof type === 'string' ? SERVER_SCHEMAS.get(type) : undefined;
  if (!schemaOf) return refuse(typeError(type, CONSTANTS.serverTypes), message, 'server');
  const result = v.safeParse(schemaOf(message), message, PARSE);
  return result.success
    ? { ok: true, kind: 'message', message: result.output }
    : refuse(schemaError(result.issues), message, 'server');
}

function typeError(type: unknown, known: readonly string[]): WireError {
  const expected = `one of ${known.join(', ')}`;
  return typeof type === 'string'
    ? failure('UNKNOWN_TYPE', `No message of this direction has that \`type\`. Send ${expected}.`)
    : issuesError([{ path: 'type', message: `must be ${expected}` }]);
}

function schemaError(issues: readonly v.BaseIssue<unknown>[]): WireError {
  return issuesError(
    issues.map(({ path, message }) => ({ path: formatPath((path ?? []).map(({ key }) => String(key))), message })),
  );
}

function issuesError(all: readonly Issue[]): WireError {
  const issues = all.slice(0, limits.issues);
  const summary = issues.map(({ path, message }) => (path === '' ? message : `\`${path}\` ${message}`)).join('; ');
  return failure('INVALID_MESSAGE', `The message does not fit its type: ${summary}.`, issues);
}

function tooLarge(direction: Direction): WireError {
  const { bytes } = BOUNDS[direction];
  return failure(
    'MESSAGE_TOO_LARGE',
    `The message takes more than ${bytes} bytes. Send less, or a reference to the data.`,
  );
}

function failure(code: ErrorCode, message: string, issues?: readonly Issue[]): WireError {
  const details = issues && { issues: issues.map((issue) => ({ ...issue })) };
  return new StreamerError(code, message, { details }).toWire();
}

/** Checks the structure of an uploaded input by the rules for an input in a message. The input is the second level of its message. */
export function checkStructure(input: Json): StructureFault | undefined {
  return findStructureFault({ input }, { depth: limits.clientDepth, values: limits.payloadBytes });
}

/** Adds the names of the refused message, so that the sender can identify it. */
function refuse(error: WireError, message: Fields, direction: Direction): Invalid {
  const { type } = message;
  const nameOf = (key: keyof typeof NAMES) => {
    const name = message[key];
    return typeof name === 'string' && NAMES[key].test(name) ? { [key]: name } : {};
  };
  const known: ReadonlyMap<string, unknown> = direction === 'client' ? CLIENT_SCHEMAS : SERVER_SCHEMAS;
  return {
    ok: false,
    error,
    ...nameOf('id'),
    ...nameOf('topic'),
    ...(typeof type === 'string' && known.has(type) ? { for: type } : {}),
  };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Validates a message of a trusted program by the rules for messages of clients.
 *
 * @throws StreamerError with the code of the refusal
 */
export function checkMessage(message: Fields): ClientMessage {
  const validated = validateMessage(message, 'client');
  if (validated.ok) return validated.message;
  const { code, message: text, details } = validated.error;
  throw new StreamerError(code, text, { details });
}
