import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import {
  type Access,
  type Door,
  guardedServer,
  parseJsonObject,
  readBody,
  type Signatures,
  signatureError,
} from '../../http';
import { isAnswer, ServiceError, unknownOperation } from '../engine/errors';

/** DynamoDB's limit of a request (API reference, "Common errors": RequestEntityTooLarge), 16 MB. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Web pages are not allowed. */
const ACCESS: Access = 'programs';
/** DynamoDB Streams signs with the same name. */
const SERVICE = 'dynamodb';

const CONTENT_TYPE = 'application/x-amz-json-1.0';

export interface WireRequest {
  /** Service and operation without the API's date: `DynamoDB.PutItem`. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a request is answered with: a status and a JSON text. */
export interface WireResponse {
  readonly status: number;
  readonly body: string;
}

export interface WireServerOptions {
  readonly port: number;
  /** Verifies the requests. @default - a signature must be there, and any is accepted */
  readonly signatures?: Signatures;
  readonly newId: () => string;
  readonly answer: (request: WireRequest) => Promise<WireResponse>;
  /** Told of failures that are no answers: defects. */
  readonly onFailure: (error: unknown, target: string) => void;
}

/** Serves the AWS JSON 1.0 protocol on the loopback interface. */
export class WireServer {
  private readonly server: Server;

  constructor(private readonly options: WireServerOptions) {
    this.server = guardedServer({ access: ACCESS }, (request, response) => {
      void this.handle(request, response);
    });
  }

  /** @returns the URL, `http://127.0.0.1:port` */
  public async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public door(origin: string): Door {
    return { name: 'dynamodb', origin, path: '', kind: 'request', access: ACCESS, service: SERVICE };
  }

  public async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = targetOf(request);
    try {
      checkHeaders(request);
      const body = await readBody(request, MAX_REQUEST_BYTES);
      if (!body) throw new ServiceError('RequestEntityTooLarge', 'Request too large', {}, 413);
      await this.checkSignature(request, body);
      this.send(response, await this.options.answer({ target, headers: request.headers, body: body.toString() }));
    } catch (error) {
      if (response.destroyed) return;
      this.send(response, this.errorResponse(error, target));
    }
  }

  private async checkSignature(request: IncomingMessage, body: Buffer): Promise<void> {
    const verdict = await this.options.signatures?.verify(request, SERVICE, body);
    if (!verdict || verdict.valid) return;
    throw new ServiceError(`com.amazon.coral.service#${signatureError(verdict).code}`, verdict.message);
  }

  private errorResponse(error: unknown, target: string): WireResponse {
    if (isAnswer(error)) return { status: error.statusCode, body: JSON.stringify(error.body) };
    this.options.onFailure(error, target);
    const body = { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'Internal server error' };
    return { status: 500, body: JSON.stringify(body) };
  }

  private send(response: ServerResponse, { status, body }: WireResponse): void {
    const bytes = Buffer.from(body);
    response.writeHead(status, {
      'content-type': CONTENT_TYPE,
      'content-length': bytes.length,
      'x-amz-crc32': crc32(bytes),
      'x-amzn-requestid': this.options.newId(),
    });
    response.end(bytes);
  }
}

/** The JSON object in a body. @throws SerializationException */
export function parseBody(body: string): Record<string, unknown> {
  const input = parseJsonObject(body);
  if (input) return { ...input };
  throw new ServiceError('com.amazon.coral.service#SerializationException', 'The request is not a JSON object');
}

function targetOf(request: IncomingMessage): string {
  return String(request.headers['x-amz-target'] ?? '').replace(/^(DynamoDB(?:Streams)?)_20120810\./, '$1.');
}

/** Refuses invalid requests before their body is read. */
function checkHeaders(request: IncomingMessage): void {
  if (request.method !== 'POST') throw unknownOperation('Requests are POSTed');
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256')) {
    throw new ServiceError(
      'com.amazon.coral.service#MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    );
  }
}
