import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http';
import { NORMAL_CLOSURE } from './close-reasons';
import type { Connection } from './connection';
import { identityOf } from './events';
import type { GatewayLimits } from './types';

/** An answer that the SDK turns into an exception of the given type. */
class ManagementError extends Error {
  public constructor(
    public readonly status: number,
    public readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** The `@connections` API of one stage: post to, get and delete a connection. */
export class ManagementApi {
  private readonly prefix: string;

  public constructor(
    stage: string,
    private readonly limits: GatewayLimits,
    private readonly find: (connectionId: string) => Connection | undefined,
    private readonly newId: () => string,
  ) {
    this.prefix = `/${stage}/@connections/`;
  }

  public async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      await this.dispatch(req, res);
    } catch (error) {
      if (!(error instanceof ManagementError)) throw error;
      this.answer(res, error.status, { message: error.message }, { 'x-amzn-errortype': error.type });
    }
  }

  private async dispatch(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '/').split('?', 1)[0] as string;
    if (!path.startsWith(this.prefix)) throw new ManagementError(403, 'ForbiddenException', 'Forbidden');
    if (!isSigned(req)) {
      throw new ManagementError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    const connectionId = decode(path.slice(this.prefix.length));
    if (req.method === 'POST') return this.post(await this.readBody(req), this.usable(connectionId), res);
    if (req.method === 'GET') return this.get(this.usable(connectionId), res);
    if (req.method === 'DELETE') return this.delete(this.usable(connectionId), res);
    throw new ManagementError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }

  private post(body: Buffer, connection: Connection, res: ServerResponse): void {
    if (connection.bufferedBytes > this.limits.bufferBytes) {
      throw new ManagementError(429, 'LimitExceededException', 'The client does not take its messages');
    }
    connection.send(body.toString('utf8'));
    this.answer(res, 200);
  }

  private get(connection: Connection, res: ServerResponse): void {
    this.answer(res, 200, {
      connectedAt: new Date(connection.connectedAt).toISOString(),
      identity: identityOf(connection),
      lastActiveAt: new Date(connection.lastActiveAt).toISOString(),
    });
  }

  private delete(connection: Connection, res: ServerResponse): void {
    connection.close(NORMAL_CLOSURE);
    this.answer(res, 204);
  }

  private usable(connectionId: string): Connection {
    const connection = this.find(connectionId);
    if (!connection?.usable) throw new ManagementError(410, 'GoneException', 'Gone');
    return connection;
  }

  private async readBody(req: IncomingMessage): Promise<Buffer> {
    const body = await readBody(req, this.limits.messageBytes);
    if (!body) throw new ManagementError(413, 'PayloadTooLargeException', 'Payload Too Large');
    return body;
  }

  private answer(res: ServerResponse, status: number, body?: object, headers: Record<string, string> = {}): void {
    const text = body === undefined ? '' : JSON.stringify(body);
    const length = status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
    res.writeHead(status, {
      'Content-Type': 'application/json',
      'x-amzn-RequestId': this.newId(),
      ...length,
      ...headers,
    });
    res.end(text);
  }
}

/** A signature is asked for, so that no web page can post; that it is valid is not checked. */
function isSigned(req: IncomingMessage): boolean {
  return /^AWS4-HMAC-SHA256 /.test(req.headers.authorization ?? '') || /[?&]X-Amz-Signature=/.test(req.url ?? '');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ManagementError(400, 'BadRequestException', `Invalid connectionId: ${text}`);
  }
}
