import type { FunctionInvoker } from '../../emulator/types';
import { describeMessage } from './describe-message';

/** Creates an invoker that reports each message that a gateway passes to a function. */
export function tellingMessages(
  invoker: FunctionInvoker,
  tell: (connectionId: string, description: string) => void,
): FunctionInvoker {
  return telling(invoker, (event) => {
    const { requestContext, body } = event as MessageEvent;
    if (requestContext?.eventType === 'MESSAGE') tell(String(requestContext.connectionId), describeMessage(body));
  });
}

/** Creates an invoker that reports each batch that an event source mapping passes to a function. */
export function tellingBatches(invoker: FunctionInvoker, tell: (records: number) => void): FunctionInvoker {
  return telling(invoker, (event) => tell((event as { Records: unknown[] }).Records.length));
}

interface MessageEvent {
  readonly requestContext?: { readonly eventType?: string; readonly connectionId?: string };
  readonly body?: unknown;
}

function telling(invoker: FunctionInvoker, tell: (event: unknown) => void): FunctionInvoker {
  return {
    invoke: (functionName, event, options) => {
      tell(event);
      return invoker.invoke(functionName, event, options);
    },
    invokeAsync: (...given) => invoker.invokeAsync(...given),
  };
}
