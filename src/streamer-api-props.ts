import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StreamerAuth } from './options/streamer-auth';
import type { StreamerHandler } from './options/streamer-handler';

/** Properties of a `StreamerApi`. */
export interface StreamerApiProps {
  /** Who may connect. */
  readonly auth: StreamerAuth;

  /** The handlers by action: a letter, then letters, digits, `_`, `.` or `-`, 64 characters at most. */
  readonly handlers: { [action: string]: StreamerHandler };

  /**
   * The folder that relative paths of handlers start from.
   *
   * @default - that of the nearest package.json above the working directory
   */
  readonly projectRoot?: string;

  /**
   * Name of the stage, the last part of the URL.
   *
   * @default 'v1'
   */
  readonly stageName?: string;

  /**
   * How long a finished request and its log are kept, 1 hour to 365 days.
   *
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * Time that a sync handler may take, 1 to 25 seconds; API Gateway ends an integration after 29.
   *
   * @default Duration.seconds(5)
   */
  readonly syncTimeout?: Duration;

  /**
   * Frames and connections a second that the stage accepts, and their burst.
   *
   * @default - 1000 a second, burst 500
   */
  readonly throttle?: ThrottleSettings;

  /**
   * What becomes of the tables when they are removed from the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long logs are kept: those of the functions and the access log.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether to give API Gateway the role by which it writes logs. It is a setting of the whole account and region, and a deployment
   * of an API with access logs fails where it is missing ("CloudWatch Logs role ARN must be set in account settings").
   *
   * @default false
   */
  readonly accountLogging?: boolean;
}
