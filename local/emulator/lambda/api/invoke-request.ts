import type { ServiceRequest } from '../../http';
import { LambdaApiError } from './errors';

const TYPES = new Set(['RequestResponse', 'Event', 'DryRun']);

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

/** Returns the invocation type. The default is `RequestResponse`. */
export function invocationType(req: Pick<ServiceRequest, 'headers'>): InvocationType {
  const type = String(req.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  if (TYPES.has(type)) return type as InvocationType;
  throw new LambdaApiError('InvalidParameterValueException', 400, `Unsupported invocation type: ${type}`);
}

/**
 * Returns the client context as a JSON string. Characters that a header cannot contain are escaped.
 *
 * @throws LambdaApiError `InvalidRequestContentException` if the header is not JSON in base64
 */
export function clientContext(req: Pick<ServiceRequest, 'headers'>): string | undefined {
  const encoded = req.headers['x-amz-client-context'];
  if (encoded === undefined) return undefined;
  const value = parseJson(Buffer.from(String(encoded), 'base64').toString('utf8'));
  if (value === undefined) throw unparsable('Client context must be a valid Base64-encoded JSON object.');
  return JSON.stringify(value).replace(/[^ -~]/g, (character) => `\\u${hex(character)}`);
}

/**
 * Parses the event in a request's body. As on Lambda, an empty body is the event `{}`.
 *
 * @throws LambdaApiError `RequestTooLargeException` above the limit, `InvalidRequestContentException` if the body is
 * not JSON
 */
export function eventOf({ body }: ServiceRequest, limit: number): unknown {
  if (body.length > limit) throw payloadTooLarge(limit);
  const text = body.toString('utf8');
  if (text === '') return {};
  const value = parseJson(text);
  if (value === undefined) throw unparsable('Could not parse request body into json: the payload is not JSON');
  return value;
}

export const payloadTooLarge = (limit: number) =>
  new LambdaApiError(
    'RequestTooLargeException',
    413,
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  );

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, '0');

const unparsable = (message: string) => new LambdaApiError('InvalidRequestContentException', 400, message);
