import { Duration, Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { DEFAULTS } from '../contract';
import type { WebhookOptions } from '../options/streamer-webhook';
import { reject } from './errors';
import { refuseUnknownProps } from './known-props';
import { validateDuration, validateKnownInteger } from './rules';

/** A webhook's options, defaults filled in. */
export interface WebhookSettings {
  readonly url: string;
  readonly secret?: ISecret;
  readonly maxAttempts: number;
  readonly initial: Duration;
  readonly max: Duration;
  readonly timeout: Duration;
}

const LONGEST_WAIT = Duration.millis(DEFAULTS.webhook.maxMs);

export function resolveWebhook(url: string, options: WebhookOptions): WebhookSettings {
  const { initial = Duration.millis(DEFAULTS.webhook.initialMs), max = LONGEST_WAIT } = options.backoff ?? {};
  validateUrl(url);
  refuseUnknownProps('webhook', 'webhook.', options);
  refuseUnknownProps('backoff', 'webhook.backoff.', options.backoff);
  validateKnownInteger('webhook.maxAttempts', options.maxAttempts, 1, 20);
  validateDuration('webhook.timeout', options.timeout, Duration.seconds(1), Duration.minutes(1));
  validateDuration('webhook.backoff.initial', initial, Duration.seconds(1), Duration.hours(1));
  validateDuration('webhook.backoff.max', max, initial, LONGEST_WAIT);
  return {
    url,
    secret: options.secret ?? undefined,
    maxAttempts: options.maxAttempts ?? DEFAULTS.webhook.maxAttempts,
    initial,
    max,
    timeout: options.timeout ?? Duration.millis(DEFAULTS.webhook.timeoutMs),
  };
}

function validateUrl(url: string): void {
  if (Token.isUnresolved(url)) return;
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const secure = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
  if (parsed && secure && !parsed.username && !parsed.password && !parsed.hash) return;
  // what was given may hold a token of the receiver's
  reject('webhook', 'be an https URL without credentials or fragment', parsed ? parsed.origin : typeof url);
}

/** Whether it is an address of the machine that posts, which is of use in a local run only. */
export function isLoopbackUrl(url: string): boolean {
  return !Token.isUnresolved(url) && isLoopback(new URL(url).hostname);
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
