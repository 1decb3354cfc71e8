import { StreamerError } from '../wire/errors';

/** The members of a `LambdaClient` of `@aws-sdk/client-lambda` that this client uses. */
export interface LambdaClientLike {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type would make it a dependency of everybody's types
  send(command: any): Promise<any>;
}

/** Answer of an invocation. */
export interface Invocation {
  /** The payload as a string. */
  readonly payload: string;
  /** Whether the function itself failed instead of answering. */
  readonly failed: boolean;
}

/** Invokes the function and waits for its answer. Rejects with the error of the SDK. */
export type Invoke = (payload: string) => Promise<Invocation>;

/**
 * Returns a function that invokes the Lambda function with the given client, or with a new one if none is given. The SDK is loaded at the first call.
 * So if the application passes a client, the SDK is not loaded twice.
 */
export function invokeWith(client: LambdaClientLike | undefined, functionName: string): Invoke {
  let own = client;
  return async (payload) => {
    const { InvokeCommand, LambdaClient } = await loadSdk();
    // This client retries calls itself, with the request's id. If the SDK retried them, too, the numbers of attempts would multiply.
    own ??= new LambdaClient({ ...regionOf(functionName), maxAttempts: 1 });
    const command = new InvokeCommand({ FunctionName: functionName, Payload: new TextEncoder().encode(payload) });
    const { Payload, FunctionError } = await own.send(command);
    return { payload: new TextDecoder().decode(Payload), failed: FunctionError !== undefined };
  };
}

/** Returns the region of an ARN. A name contains no region. */
function regionOf(functionName: string): { region?: string } {
  const region = /^arn:[\w-]+:lambda:([a-z0-9-]+):/.exec(functionName)?.[1];
  return region === undefined ? {} : { region };
}

async function loadSdk() {
  try {
    return await import('@aws-sdk/client-lambda');
  } catch (cause) {
    throw new StreamerError(
      'CONNECT_FAILED',
      'The package @aws-sdk/client-lambda is needed. Install it: npm install @aws-sdk/client-lambda',
      { cause, retryable: false },
    );
  }
}
