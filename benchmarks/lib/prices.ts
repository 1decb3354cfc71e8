/**
 * Prices in US dollars, for us-east-1, on demand, without free tiers.
 *
 * Source: the AWS price lists of September 2026 (API Gateway 21st, Lambda 19th, DynamoDB 11th) and of March 2026 (SQS).
 */
export const PRICES = {
  /** API Gateway WebSocket: price of a million messages in either direction. Each 32 KB or part of it counts as a message. */
  webSocketMillion: 1.0,
  /** DynamoDB: price of a million write request units. */
  writeMillion: 0.625,
  /** DynamoDB: price of a million read request units. */
  readMillion: 0.125,
  /** SQS standard: price of a million requests. Each 64 KB or part of it counts as a request. */
  sqsMillion: 0.4,
  /** SQS fair queues: surcharge for a million requests with a message group. */
  sqsFairMillion: 0.1,
  /** Lambda: price of a million invocations. */
  invocationMillion: 0.2,
} as const;
