import { crc32 } from 'node:zlib';
import { type AwsService, parseJsonObject, type Refusal, type ServiceRequest, type ServiceResponse } from '../../http';
import { isAnswer, ServiceError, unknownOperation } from '../engine/errors';

/** Maximum size of a request, 16 MB (API reference, "Common errors": RequestEntityTooLarge). */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface WireRequest {
  /** Service and operation without the date of the API, such as `DynamoDB.PutItem`. */
  readonly target: string;
  readonly body: string;
}

/** Response to a request: a status and a JSON object. */
export interface WireResponse {
  readonly status: number;
  readonly body: string;
}

/**
 * Creates a service with the APIs of DynamoDB and DynamoDB Streams in the AWS JSON 1.0 protocol. In signatures, both
 * APIs have the name `dynamodb`.
 */
export function dynamoDbApi(answer: (request: WireRequest) => Promise<WireResponse>): AwsService {
  return {
    name: 'dynamodb',
    maxBodyBytes: MAX_BODY_BYTES,
    actionOf: (request) => `dynamodb:${targetOf(request).replace(/^.*\./, '')}`,
    handle: async (request) => {
      try {
        if (request.method !== 'POST') throw unknownOperation('Requests are POSTed');
        return toResponse(await answer({ target: targetOf(request), body: request.body.toString() }));
      } catch (error) {
        if (isAnswer(error)) return errorResponse(error);
        throw error;
      }
    },
    refuse: (refusal) => errorResponse(refusalError(refusal)),
  };
}

/**
 * Parses the JSON object in a body.
 *
 * @throws SerializationException if it is not a JSON object
 */
export function parseBody(body: string): Record<string, unknown> {
  const input = parseJsonObject(body);
  if (input) return { ...input };
  throw new ServiceError('com.amazon.coral.service#SerializationException', 'The request is not a JSON object');
}

function targetOf({ headers }: ServiceRequest): string {
  return String(headers['x-amz-target'] ?? '').replace(/^(DynamoDB(?:Streams)?)_20120810\./, '$1.');
}

/**
 * Returns the error for a refused request. DynamoDB answers refused signatures and denied access with the status 400.
 */
function refusalError({ reason, status, code, message }: Refusal): ServiceError {
  if (reason === 'too-large') return new ServiceError('RequestEntityTooLarge', 'Request too large', {}, 413);
  if (reason === 'throttled') return new ServiceError(`com.amazon.coral.availability#${code}`, message);
  if (reason !== 'failure') return new ServiceError(`com.amazon.coral.service#${code}`, message);
  return new ServiceError('com.amazonaws.dynamodb.v20120810#InternalServerError', 'Internal server error', {}, status);
}

function errorResponse({ statusCode, body }: { statusCode: number; body: Record<string, unknown> }): ServiceResponse {
  return toResponse({ status: statusCode, body: JSON.stringify(body) });
}

function toResponse({ status, body }: WireResponse): ServiceResponse {
  const bytes = Buffer.from(body);
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': String(crc32(bytes)) };
  return { status, headers, body: bytes };
}
