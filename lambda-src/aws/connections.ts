import type { Gateway, Log, PostResult } from '../flows/ports';
import { boundedGateway } from '../flows/viewers/post';
import { type Answer, type Environment, SignedPosts } from './signed-post';

/**
 * Timeout of a post in milliseconds. A post usually takes about 10 ms. A connection that exceeds the timeout counts as busy. The sender of the frame
 * does not wait for the post, but the next frame of the same connection does.
 */
const TIMEOUT_MS = 1_500;
/**
 * Time in milliseconds. If a post fails within this time without a response, the post used a kept-alive socket that had already been closed. A socket
 * may be closed, for example, while Lambda has frozen the process. Such a post is retried once.
 */
const BROKEN_SOCKET_MS = 500;
/** If the request timer fires more than this many milliseconds late, something blocked the thread. */
const LATE_MS = 300;
/**
 * HTTP statuses of the answers. `gone`: the connection has ended. `limitExceeded`: the account's quota is used up, or the client does not read its
 * frames. A status is compared instead of the error's type, because IAM and a VPC endpoint use other types for 403 than the service itself.
 */
const STATUS = { gone: 410, limitExceeded: 429, forbidden: 403, tooLarge: 413 } as const;

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
  private readonly posts: SignedPosts;
  private saidForbidden = false;

  /** @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  public constructor(
    private readonly endpoint: string,
    private readonly log: Log,
    private readonly env: Environment = process.env,
  ) {
    this.posts = new SignedPosts(env);
  }

  public async post(connectionId: string, frame: string): Promise<PostResult> {
    const start = performance.now();
    try {
      const answer = await this.send(connectionId, frame).catch((error) => {
        if (performance.now() - start > BROKEN_SOCKET_MS) throw error;
        return this.send(connectionId, frame);
      });
      return this.resultOf(connectionId, answer);
    } catch (error) {
      if (isTimeout(error)) this.log.warn(timeoutMessage(performance.now() - start), { connectionId });
      else this.log.warn('could not post', { connectionId, error });
      return 'busy';
    }
  }

  private send(connectionId: string, frame: string): Promise<Answer> {
    return this.posts.post(new URL(`${this.endpoint}/@connections/${encodeURIComponent(connectionId)}`), frame, {
      service: 'execute-api',
      region: this.env.AWS_REGION ?? '',
      contentType: 'application/octet-stream',
      timeoutMs: TIMEOUT_MS,
    });
  }

  private resultOf(connectionId: string, { status, headers }: Answer): PostResult {
    if (status >= 200 && status < 300) return 'sent';
    if (status === STATUS.gone) return 'gone';
    if (status === STATUS.limitExceeded) return 'busy';
    const error = new Error(`the API answered ${status}: ${headers['x-amzn-errortype'] ?? 'no type'}`);
    if (status !== STATUS.forbidden) {
      this.log.warn('could not post', { connectionId, error });
      return status === STATUS.tooLarge ? 'refused' : 'busy';
    }
    if (!this.saidForbidden) this.log.error(FORBIDDEN_REMEDY, { error });
    this.saidForbidden = true;
    return 'refused';
  }
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';

/** Describes a timeout. If the timer fired late, something blocked the thread; in a processor, that is usually the handler. */
function timeoutMessage(elapsedMs: number): string {
  const late = elapsedMs > TIMEOUT_MS + LATE_MS;
  const reason = late
    ? `the thread was blocked for about ${Math.round(elapsedMs)} ms, usually by a handler that computes without a pause`
    : `the API did not answer within ${TIMEOUT_MS} ms`;
  return `could not post in time: ${reason}. Nothing is lost: the viewer receives the next progress, and events and the end from the log`;
}
