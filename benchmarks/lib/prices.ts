/**
 * US dollars, us-east-1, on demand, without free tiers.
 *
 * Source: the AWS price lists of September 2026 (API Gateway 21st, Lambda 19th, DynamoDB 11th) and of March 2026 (SQS).
 */
export const PRICES = {
  /** API Gateway WebSocket: a million messages in or out, counted per started 32 KB. */
  webSocketMillion: 1.0,
  /** DynamoDB: a million write request units. */
  writeMillion: 0.625,
  /** DynamoDB: a million read request units. */
  readMillion: 0.125,
  /** SQS standard: a million requests, counted per started 64 KB. */
  sqsMillion: 0.4,
  /** SQS fair queues: surcharge for a million requests with a message group. */
  sqsFairMillion: 0.1,
  /** Lambda: a million invocations. */
  invocationMillion: 0.2,
} as const;
