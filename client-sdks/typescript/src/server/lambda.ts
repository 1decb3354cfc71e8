import { StreamerError } from '../wire/errors';

/** As much of a `LambdaClient` of `@aws-sdk/client-lambda` as this client uses. */
export interface LambdaClientLike {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type would make it a dependency of everybody's types
  send(command: any): Promise<any>;
}

/** What an invocation answered. */
export interface Invocation {
  /** The payload as text. */
  readonly payload: string;
  /** The function itself failed, rather than answered. */
  readonly failed: boolean;
}

/** Invokes the function and waits for its answer. Rejects with whatever the SDK throws. */
export type Invoke = (payload: string) => Promise<Invocation>;

/** The SDK is loaded with the first call: who passes a client of their own, or none, loads no second one. */
export function invokeWith(client: LambdaClientLike | undefined, functionName: string): Invoke {
  let own = client;
  return async (payload) => {
    const { InvokeCommand, LambdaClient } = await loadSdk();
    // this client repeats by itself, under the request's id: two loops inside each other would multiply
    own ??= new LambdaClient({ ...regionOf(functionName), maxAttempts: 1 });
    const command = new InvokeCommand({ FunctionName: functionName, Payload: new TextEncoder().encode(payload) });
    const { Payload, FunctionError } = await own.send(command);
    return { payload: new TextDecoder().decode(Payload), failed: FunctionError !== undefined };
  };
}

/** An ARN says where the function is; a name does not. */
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
