import type { StreamerFunctionOptions } from './streamer-function-options';

/**
 * Options of the router's function, which answers every frame and runs the sync handlers that are not isolated. With `reservedConcurrency` frames beyond it
 * are refused by API Gateway; in a `vpc` it reaches DynamoDB, and Lambda where a handler is isolated, by that network only.
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
