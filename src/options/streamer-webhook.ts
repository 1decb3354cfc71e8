import type { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { Webhook } from '../parts/webhook';
import type { Settings } from '../settings';
import { resolveWebhook, type WebhookSettings } from '../validation/webhook';

/** When a webhook that was not accepted is sent again: each wait is six times the one before, give or take a fifth. */
export interface WebhookBackoff {
  /**
   * The wait after the first attempt, 1 second to 1 hour.
   *
   * @default Duration.seconds(5)
   */
  readonly initial?: Duration;

  /**
   * The longest wait. At least `initial`, at most 11 hours.
   *
   * @default Duration.hours(11)
   */
  readonly max?: Duration;
}

/** Options of `StreamerWebhook.post`. */
export interface WebhookOptions {
  /**
   * What requests are signed with: base64 of 24 to 64 bytes, with or without `whsec_` before it. Its previous version signs as well, so that it can
   * be changed while requests are on their way.
   *
   * @default - a generated one, `webhookSecret` of the API
   */
  readonly secret?: ISecret;

  /**
   * Attempts in all, 1 to 20; then the message goes to `webhookDeadLetterQueue` of the API. With the default backoff, eight take about a day.
   *
   * @default 8
   */
  readonly maxAttempts?: number;

  /**
   * Waits between attempts.
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

/** Who is told by HTTP of every request that ends. */
export class StreamerWebhook {
  /**
   * A signed POST of JSON by the Standard Webhooks scheme. A status of 2xx is an acceptance; 410 gives the message up at once; redirects are not followed.
   *
   * @param url an https URL; one of this machine (`http://127.0.0.1:…`) is taken for local runs, with a warning
   */
  public static post(url: string, options: WebhookOptions = {}): StreamerWebhook {
    return new StreamerWebhook(resolveWebhook(url, options));
  }

  private constructor(private readonly settings: WebhookSettings) {}

  /**
   * Creates what the webhook needs below `scope`.
   *
   * @internal
   */
  public _bind(scope: Construct, settings: Settings): Webhook {
    return new Webhook(scope, 'Webhook', { webhook: this.settings, settings });
  }
}
