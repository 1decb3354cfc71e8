/** A value in DynamoDB's JSON protocol. */

export interface AttributeValue {
  S?: string;
  N?: string;
  /** Binary value in base64. */
  B?: string;
  BOOL?: boolean;
  NULL?: boolean;
  SS?: string[];
  NS?: string[];
  BS?: string[];
  L?: AttributeValue[];
  M?: Item;
}

/** A stored item. It is never changed: a write stores a new object. */
export type Item = { [attribute: string]: AttributeValue };

export type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: string }[];

export interface Projection {
  readonly ProjectionType?: string;
  readonly NonKeyAttributes?: readonly string[];
}

export interface IndexDescription {
  IndexName: string;
  KeySchema: KeySchema;
  Projection: Projection;
  [more: string]: unknown;
}

/** Description of a table as in DescribeTable, without the parts that each response computes (counts and stream). */
export interface TableDescription {
  TableName: string;
  KeySchema: KeySchema;
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  GlobalSecondaryIndexes?: IndexDescription[];
  LocalSecondaryIndexes?: IndexDescription[];
  [more: string]: unknown;
}

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A change of one item. `before` is absent for a new item; `after` is absent for a removed one. */
export interface Change {
  readonly tableName: string;
  readonly key: string;
  readonly before?: Item;
  readonly after?: Item;
}

/** Cause of a change: a request, or the expiry of an item. */
export type WriteCause = 'user' | 'time-to-live';
