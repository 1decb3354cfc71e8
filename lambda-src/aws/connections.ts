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
 * Timeouts of a post in milliseconds. A post usually takes about 10 ms. A connection that exceeds the timeout counts as busy. The sender of the frame
 * does not wait for the post, but the next frame of the same connection does.
 */
const POST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true } as const;
/**
 * Time in milliseconds. If a post fails within this time without a response, the post used a kept-alive socket that had already been closed. A socket
 * may be closed, for example, while Lambda has frozen the process. Such a post is retried once.
 */
const BROKEN_SOCKET_MS = 500;
/** If the request timer fires more than this many milliseconds late, something blocked the thread. */
const LATE_MS = 300;
/**
 * HTTP status of a refusal. The status is compared instead of the error's name, because the service itself uses the name `ForbiddenException`, but
 * IAM and a VPC endpoint use other names.
 */
const FORBIDDEN_STATUS = 403;

const FORBIDDEN_REMEDY =
  'The function may not post to connections. Either its role lacks execute-api:ManageConnections, or it runs in a VPC whose ' +
  'execute-api interface endpoint has private DNS: that endpoint does not serve WebSocket APIs. Give the subnets a NAT gateway ' +
  'and turn private DNS off, or give the API a custom domain.';

/** Creates the gateway to the connections of the stage at an endpoint. The number of concurrent posts is limited. */
export const createGateway = (endpoint: string, log: Log): Gateway => boundedGateway(new ManagementApi(endpoint, log));

/**
 * The `@connections` API of the stage at an endpoint. A post is not retried after an answer or a timeout, because clients can read lost frames from
 * the log.
 */
export class ManagementApi implements Gateway {
  private readonly client: ApiGatewayManagementApiClient;
  private saidForbidden = false;

  /** @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  public constructor(
    endpoint: string,
    private readonly log: Log,
  ) {
    // With these settings, the SDK accepts an explicit endpoint even if the environment requests FIPS or dual-stack endpoints.
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

/** Describes a timeout. If the timer fired late, something blocked the thread; in a processor, that is usually the handler. */
function timeoutMessage(elapsedMs: number): string {
  const late = elapsedMs > POST_HANDLER.requestTimeout + LATE_MS;
  const reason = late
    ? `the thread was blocked for about ${Math.round(elapsedMs)} ms, usually by a handler that computes without a pause`
    : `the API did not answer within ${POST_HANDLER.requestTimeout} ms`;
  return `could not post in time: ${reason}. Nothing is lost: the viewer receives the next progress, and events and the end from the log`;
}

const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
