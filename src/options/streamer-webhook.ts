import { Duration, Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { DEFAULTS } from '../contract';
import { copyOptions } from '../validation/copy';
import { reject } from '../validation/errors';
import {
  isAbsent,
  isLoopback,
  type PropNames,
  refuseUnknownProps,
  validateDuration,
  validateKnownInteger,
  validateObject,
} from '../validation/rules';

/** Delays between the attempts to deliver a message. Each delay is six times as long as the previous one, plus or minus 20 %. */
export interface WebhookBackoff {
  /**
   * Delay after the first attempt, 1 second to 1 hour.
   *
   * @default Duration.seconds(5)
   */
  readonly initial?: Duration;

  /**
   * Maximum delay between two attempts. It must be at least `initial` and at most 11 hours.
   *
   * @default Duration.hours(11)
   */
  readonly max?: Duration;
}

/** Options of `StreamerWebhook.post`. */
export interface WebhookOptions {
  /**
   * Secret that signs the requests: base64 of 24 to 64 bytes, with or without the prefix `whsec_`. The previous version of the secret signs the
   * requests as well, so you can change the secret at any time.
   *
   * @default - a generated one, `webhook.secret` of the API
   */
  readonly secret?: ISecret;

  /**
   * Maximum number of attempts, 1 to 20. After the last one, the message is moved to `webhook.deadLetterQueue` of the API. With the default backoff,
   * eight attempts take about a day.
   *
   * @default 8
   */
  readonly maxAttempts?: number;

  /**
   * Delays between the attempts.
   *
   * @default - from 5 seconds up to 11 hours
   */
  readonly backoff?: WebhookBackoff;

  /**
   * Time that the receiver has to answer, 1 second to 1 minute.
   *
   * @default Duration.seconds(10)
   */
  readonly timeout?: Duration;
}

/** A webhook that receives a signed POST for every request that reaches a terminal state. */
export class StreamerWebhook {
  /**
   * Sends a POST with a JSON body, signed as Standard Webhooks defines. A status of 2xx accepts the message. After a 410, the message is not sent
   * again. Redirects are not followed.
   *
   * @param url an https URL; a URL of this machine (`http://127.0.0.1:…`) is accepted for local runs, with a warning
   */
  public static post(url: string, options: WebhookOptions = {}): StreamerWebhook {
    validateUrl(url);
    const own = copyOptions(options);
    validateOptions(own);
    return new StreamerWebhook(url, own);
  }

  /** @internal */
  public readonly _url: string;

  /** @internal */
  public readonly _options: WebhookOptions;

  private constructor(url: string, options: WebhookOptions) {
    this._url = url;
    this._options = options;
  }
}

const WEBHOOK_PROPS: PropNames<WebhookOptions> = { secret: true, maxAttempts: true, backoff: true, timeout: true };
const BACKOFF_PROPS: PropNames<WebhookBackoff> = { initial: true, max: true };

const LONGEST_DELAY = Duration.millis(DEFAULTS.webhook.maxMs);

function validateOptions(options: WebhookOptions): void {
  validateObject('webhook', options, 'be given an object of options');
  refuseUnknownProps(WEBHOOK_PROPS, 'webhook.', options);
  refuseUnknownProps(BACKOFF_PROPS, 'webhook.backoff.', options.backoff);
  validateSecret(options.secret);
  const { backoff } = options;
  validateKnownInteger('webhook.maxAttempts', options.maxAttempts, 1, 20);
  validateDuration('webhook.timeout', options.timeout, Duration.seconds(1), Duration.minutes(1));
  validateDuration('webhook.backoff.initial', backoff?.initial, Duration.seconds(1), Duration.hours(1));
  const least = backoff?.initial ?? Duration.millis(DEFAULTS.webhook.initialMs);
  refuseShort(backoff);
  validateDuration('webhook.backoff.max', backoff?.max, least, LONGEST_DELAY);
}

/** Refuses a `max` below the default of `initial`, if the user has not set `initial`. */
function refuseShort({ initial, max }: WebhookBackoff = {}): void {
  const byDefault = Duration.millis(DEFAULTS.webhook.initialMs);
  if (!isAbsent(initial) || isAbsent(max) || typeof max.toMilliseconds !== 'function' || max.isUnresolved()) return;
  if (max.toMilliseconds({ integral: false }) >= byDefault.toMilliseconds()) return;
  const must = `be at least the default of \`webhook.backoff.initial\` (${byDefault.toHumanString()})`;
  reject('webhook.backoff.max', must, max.toHumanString(), 'Set a smaller `webhook.backoff.initial`, too');
}

function validateSecret(secret: ISecret | undefined): void {
  if (isAbsent(secret) || typeof secret.secretArn === 'string') return;
  // The message shows only the type, because a string may be the secret itself.
  const got = typeof secret === 'object' ? secret : typeof secret;
  const remedy = "Use `new Secret(…)` or `Secret.fromSecretNameV2(this, 'Secret', 'name')`";
  reject('webhook.secret', 'be a secret of aws-cdk-lib/aws-secretsmanager', got, remedy);
}

function validateUrl(url: string): void {
  if (Token.isUnresolved(url)) return;
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const secure = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
  if (parsed && secure && !parsed.username && !parsed.password && !parsed.hash) return;
  // The message leaves out the rest of the URL, which may contain a token of the receiver.
  reject('webhook', 'be an https URL without credentials or fragment', parsed ? parsed.origin : url && typeof url);
}
