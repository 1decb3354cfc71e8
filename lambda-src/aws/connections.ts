import {
  ApiGatewayManagementApiClient,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Gateway, Log, PostResult } from '../flows/ports';
import { boundedGateway } from '../flows/viewers/post';

/**
 * Timeout of a post in milliseconds. A post usually takes about 10 ms; a connection that exceeds the timeout counts as busy. The frame's sender does not wait,
 * but the connection's next frame does.
 */
const POST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true } as const;
/**
 * A post that fails within this time without a response used a kept-alive socket that had been closed, for example while Lambda had frozen the process. It is
 * repeated once.
 */
const BROKEN_SOCKET_MS = 500;
/** Delay in milliseconds after which a timer was late. */
const LATE_MS = 300;
/** Status of a refusal: IAM and a VPC endpoint use other error names than the service's own `ForbiddenException`. */
const FORBIDDEN_STATUS = 403;

const FORBIDDEN_REMEDY =
  'The function may not post to connections. Either its role lacks execute-api:ManageConnections, or it runs in a VPC whose ' +
  'execute-api interface endpoint has private DNS: that endpoint does not serve WebSocket APIs. Give the subnets a NAT gateway ' +
  'and turn private DNS off, or give the API a custom domain.';

/** Gateway to the connections of the stage at that endpoint, with a limited number of concurrent posts. */
export const createGateway = (endpoint: string, log: Log): Gateway => boundedGateway(new ManagementApi(endpoint, log));

/** The `@connections` API of the stage at that endpoint. A post is not repeated, because clients can read lost frames from the log. */
export class ManagementApi implements Gateway {
  private readonly client: ApiGatewayManagementApiClient;
  private saidForbidden = false;

  /** @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  public constructor(
    endpoint: string,
    private readonly log: Log,
  ) {
    // the SDK refuses an explicit endpoint if the environment requests FIPS or dual-stack endpoints
    const given = { useFipsEndpoint: false, useDualstackEndpoint: false };
    this.client = new ApiGatewayManagementApiClient({
      endpoint,
      requestHandler: POST_HANDLER,
      maxAttempts: 1,
      ...given,
    });
  }

  public async post(connectionId: string, frame: string): Promise<PostResult> {
    const start = performance.now();
    try {
      await this.send(connectionId, frame).catch((error) => {
        if (statusOf(error) !== undefined || performance.now() - start > BROKEN_SOCKET_MS) throw error;
        return this.send(connectionId, frame);
      });
      return 'sent';
    } catch (error) {
      return this.resultOf(connectionId, error, performance.now() - start);
    }
  }

  private async send(connectionId: string, frame: string): Promise<void> {
    await this.client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }));
  }

  private resultOf(connectionId: string, error: unknown, elapsedMs: number): PostResult {
    if (error instanceof GoneException) return 'gone';
    if (error instanceof LimitExceededException) return 'busy';
    if (statusOf(error) === FORBIDDEN_STATUS) {
      if (!this.saidForbidden) this.log.error(FORBIDDEN_REMEDY, { error });
      this.saidForbidden = true;
      return 'refused';
    }
    if (isTimeout(error)) this.log.warn(timeoutMessage(elapsedMs), { connectionId });
    else this.log.warn('could not post', { connectionId, error });
    return error instanceof PayloadTooLargeException ? 'refused' : 'busy';
  }
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';

/** A timer that fires late means that something blocked the thread; in a processor, that is usually the handler. */
function timeoutMessage(elapsedMs: number): string {
  const late = elapsedMs > POST_HANDLER.requestTimeout + LATE_MS;
  const reason = late
    ? `the thread was blocked for about ${Math.round(elapsedMs)} ms, usually by a handler that computes without a pause`
    : `the API did not answer within ${POST_HANDLER.requestTimeout} ms`;
  return `could not post in time: ${reason}. Nothing is lost: the viewer receives the next progress, and events and the end from the log`;
}

const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
