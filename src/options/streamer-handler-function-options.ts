import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StreamerBundlingOptions } from './streamer-bundling-options';
import type { StreamerFunctionOptions } from './streamer-function-options';

/** Options of a function that runs one handler. */
export interface HandlerFunctionOptions extends StreamerFunctionOptions {
  /**
   * Environment variables: letters, digits and `_`, not beginning with `STREAMER_`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Permissions of the role. `api.handler('export')` takes grants afterwards, too.
   *
   * @default - none but what Streamer itself needs
   */
  readonly initialPolicy?: PolicyStatement[];

  /**
   * Description of the function.
   *
   * @default - it names the action
   */
  readonly description?: string;

  /**
   * Executions that are kept initialized, so that they have no cold start. They cost money while nothing runs. The function gets a
   * version and an alias `live` that is invoked.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: number;

  /**
   * Bundling options of the handler's module, merged with the API's `bundling`.
   *
   * @default - as the API's `bundling` says
   */
  readonly bundling?: StreamerBundlingOptions;
}
