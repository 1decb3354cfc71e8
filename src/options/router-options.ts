import type { StreamerFunctionOptions } from './streamer-function-options';

/**
 * Options of the router's function, which answers every frame and runs the sync handlers that are not isolated. With `reservedConcurrency`, API Gateway refuses
 * frames beyond that number of concurrent executions. In a `vpc`, the function reaches DynamoDB, and Lambda where a handler is isolated, through that network
 * only.
 */
export interface RouterOptions extends StreamerFunctionOptions {
  /**
   * Memory in MB, 128 to 10240; CPU grows with it, and a cold router spends its first call on TLS.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Executions that are kept initialized, so that they have no cold start. They cost money while nothing runs. The router gets a
   * version and an alias `live` that API Gateway invokes.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: number;
}
