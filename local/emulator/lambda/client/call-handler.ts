import type { Handler } from './load-handler';
import type { Invocation } from './runtime-api';

/**
 * Calls a handler that returns a promise or uses a callback.
 *
 * @returns a promise of the result; it rejects with the error that the handler threw or passed to its callback
 */
export function callHandler(handler: Handler, invocation: Invocation): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = new CallbackResult(resolve, reject);
    const context = buildContext(invocation, settle);
    const returned = handler(JSON.parse(invocation.event), context, settle.callback);
    if (isPromise(returned)) {
      settle.cancel();
      returned.then(resolve, reject);
    } else {
      settle.awaitEmptyEventLoop();
    }
  });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}

/**
 * Result of a handler with a callback. If `callbackWaitsForEmptyEventLoop` is true, the result is sent when the event
 * loop is empty. Otherwise it is sent at once.
 */
class CallbackResult {
  public waitsForEmptyEventLoop = true;
  private deliver: (() => void) | undefined;
  private readonly onEmpty = () => this.finish();

  public constructor(
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  public readonly callback = (error: unknown, value?: unknown) => {
    if (this.deliver) return;
    const failed = error !== undefined && error !== null;
    this.deliver = () => (failed ? this.reject(error) : this.resolve(value));
    if (!this.waitsForEmptyEventLoop) this.finish();
  };

  /** Sets the result to null if the event loop becomes empty before the handler has called its callback. */
  public awaitEmptyEventLoop(): void {
    process.once('beforeExit', this.onEmpty);
  }

  public cancel(): void {
    process.removeListener('beforeExit', this.onEmpty);
  }

  private finish(): void {
    this.cancel();
    if (this.deliver) this.deliver();
    else this.resolve(null);
  }
}

function buildContext(invocation: Invocation, result: CallbackResult): object {
  const { env } = process;
  return {
    get callbackWaitsForEmptyEventLoop() {
      return result.waitsForEmptyEventLoop;
    },
    set callbackWaitsForEmptyEventLoop(value: boolean) {
      result.waitsForEmptyEventLoop = value;
    },
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: invocation.functionArn,
    awsRequestId: invocation.requestId,
    ...(invocation.clientContext === undefined ? {} : { clientContext: JSON.parse(invocation.clientContext) }),
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadlineMs - Date.now()),
    done: result.callback,
    fail: (error: unknown) => result.callback(error ?? new Error('handled')),
    succeed: (value: unknown) => result.callback(null, value),
  };
}
