/**
 * US dollars, us-east-1, on demand, without free tiers.
 *
 * Source: the AWS price lists of September 2026 (API Gateway 21st, Lambda 19th, DynamoDB 11th) and of March 2026 (SQS).
 */
export const PRICES = {
  /** API Gateway WebSocket: a million messages in or out, each 32 KB begun. */
  webSocketMillion: 1.0,
  /** DynamoDB: a million write request units. */
  writeMillion: 0.625,
  /** DynamoDB: a million read request units. */
  readMillion: 0.125,
  /** SQS standard: a million requests, each 64 KB begun. */
  sqsMillion: 0.4,
  /** SQS fair queues: what a million requests with a message group cost more. */
  sqsFairMillion: 0.1,
  /** Lambda: a million invocations. */
  invocationMillion: 0.2,
} as const;
