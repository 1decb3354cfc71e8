import type { Functions, Reply } from '../flows/handlers/invoked-function';
import { endpointOf } from './endpoint';
import { type Answer, type Environment, SignedPosts } from './signed-post';

/** Lambda's Invoke API. A call is sent once. It is sent again, on a new connection, only if the kept connection turns out to be closed. */
export class LambdaFunctions implements Functions {
  private readonly posts: SignedPosts;

  public constructor(private readonly env: Environment = process.env) {
    this.posts = new SignedPosts(env);
  }

  public async invoke(functionName: string, payload: string, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    try {
      return replyOf(await this.send(functionName, payload, signal));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      return { kind: 'unreachable', cause };
    }
  }

  private send(functionName: string, payload: string, signal: AbortSignal): Promise<Answer> {
    const url = new URL(
      `${this.endpointOf(functionName)}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
    );
    const region = this.regionOf(functionName);
    return this.posts.post(url, payload, { service: 'lambda', region, contentType: 'application/json', signal });
  }

  /** Returns the endpoint in the function's region. The SDK's variable `AWS_ENDPOINT_URL_LAMBDA` overrides the endpoint. */
  private endpointOf(functionName: string): string {
    const given = this.env.AWS_ENDPOINT_URL_LAMBDA ?? this.env.AWS_ENDPOINT_URL;
    if (given) return given.replace(/\/$/, '');
    return endpointOf('lambda', this.regionOf(functionName), this.env);
  }

  private regionOf(functionName: string): string {
    return functionName.split(':')[3] || this.env.AWS_REGION || '';
  }
}

function replyOf({ status, headers, body }: Answer): Reply {
  if (status === 429) return { kind: 'throttled' };
  if (status !== 200) return refusalOf(status, String(headers['x-amzn-errortype'] ?? ''), body);
  if (headers['x-amz-function-error'] === undefined) return { kind: 'returned', body };
  return { kind: 'failed', error: functionError(body) };
}

/**
 * Returns the reply for an error status. `refused` means that the function certainly did not start. This is the case for client errors, and for the
 * server error about an unsupported runtime.
 */
function refusalOf(status: number, type: string, body: string): Reply {
  const cause = new Error(`Lambda answered ${status}: ${type}`);
  if (type.startsWith('InvalidRuntimeException')) return { kind: 'refused', cause, runtime: messageOf(body) };
  return { kind: status >= 400 && status < 500 ? 'refused' : 'unreachable', cause };
}

function messageOf(body: string): string {
  const { Message, message = Message } = functionError(body) as { Message?: unknown; message?: unknown };
  return String(message ?? 'its runtime is not supported');
}

function functionError(body: string): object {
  try {
    return Object(JSON.parse(body));
  } catch {
    return { errorMessage: body.slice(0, 1_000) };
  }
}
