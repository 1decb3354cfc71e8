/**
 * How long an AWS call may take, in milliseconds, before it is made again: far more than any takes, far less than a function
 * may. Without it one call that hangs would hold an attempt until its end.
 */
export const REQUEST_HANDLER = {
  connectionTimeout: 2_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
} as const;
