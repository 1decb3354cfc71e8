import type { AwsService, Refusal, ServiceRequest, ServiceResponse } from '../http';
import { NORMAL_CLOSURE } from './close-reasons';
import type { Connection } from './connection';
import { identityOf } from './events';
import type { GatewayFaults, GatewayLimits } from './types';

/** An error response. The SDK converts it to an exception of the given type. */
class ManagementError extends Error {
  public constructor(
    public readonly status: number,
    public readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** The `@connections` API of one stage: send to, get and delete a connection. Its paths are connection ids. */
export class ManagementApi implements AwsService {
  public readonly name = 'execute-api';
  public readonly maxBodyBytes: number;

  public constructor(
    private readonly limits: GatewayLimits,
    private readonly find: (connectionId: string) => Connection | undefined,
    private readonly faults?: GatewayFaults,
  ) {
    this.maxBodyBytes = limits.messageBytes;
  }

  public actionOf(): string {
    return 'execute-api:ManageConnections';
  }

  public handle(request: ServiceRequest): ServiceResponse {
    try {
      return this.dispatch(request);
    } catch (error) {
      if (error instanceof ManagementError) return errorResponse(error);
      throw error;
    }
  }

  public refuse(refusal: Refusal): ServiceResponse {
    return errorResponse(managementError(refusal));
  }

  private dispatch({ method, url, body }: ServiceRequest): ServiceResponse {
    const connectionId = decode((url.split('?', 1)[0] ?? '').slice(1));
    if (method === 'POST') return this.post(body, this.usable(connectionId));
    if (method === 'GET') return this.get(this.usable(connectionId));
    if (method === 'DELETE') return this.delete(this.usable(connectionId));
    throw new ManagementError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }

  private post(body: Buffer, connection: Connection): ServiceResponse {
    if (connection.bufferedBytes > this.limits.bufferBytes) {
      throw new ManagementError(429, 'LimitExceededException', 'The client does not read its messages');
    }
    const fault = this.faults?.onPost();
    if (fault === 'throttle') throw new ManagementError(429, 'LimitExceededException', 'Rate exceeded');
    if (fault === 'lose') return response(200);
    connection.send(body.toString('utf8'));
    return response(200);
  }

  private get(connection: Connection): ServiceResponse {
    return response(200, {
      connectedAt: new Date(connection.connectedAt).toISOString(),
      identity: identityOf(connection),
      lastActiveAt: new Date(connection.lastActiveAt).toISOString(),
    });
  }

  private delete(connection: Connection): ServiceResponse {
    connection.close(NORMAL_CLOSURE);
    return response(204);
  }

  private usable(connectionId: string): Connection {
    const connection = this.find(connectionId);
    if (!connection?.findable) throw new ManagementError(410, 'GoneException', 'Gone');
    return connection;
  }
}

function managementError({ reason, status, code, message }: Refusal): ManagementError {
  if (reason === 'too-large') return new ManagementError(413, 'PayloadTooLargeException', 'Payload Too Large');
  if (reason === 'throttled') return new ManagementError(429, 'LimitExceededException', 'Rate exceeded');
  return new ManagementError(reason === 'access-denied' ? 403 : status, code, message);
}

const errorResponse = ({ status, type, message }: ManagementError): ServiceResponse =>
  response(status, { message }, { 'x-amzn-errortype': type });

function response(status: number, body?: object, headers: Readonly<Record<string, string>> = {}): ServiceResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? '' : JSON.stringify(body),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ManagementError(400, 'BadRequestException', `Invalid connectionId: ${text}`);
  }
}
