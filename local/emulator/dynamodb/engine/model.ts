/** DynamoDB's own vocabulary, in the spelling of its JSON protocol. */

export interface AttributeValue {
  S?: string;
  N?: string;
  /** Base64. */
  B?: string;
  BOOL?: boolean;
  NULL?: boolean;
  SS?: string[];
  NS?: string[];
  BS?: string[];
  L?: AttributeValue[];
  M?: Item;
}

/** Stored items are never changed in place: a write puts a new object. */
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

/** The description that DescribeTable returns, without the parts that are computed for each response (counts, stream). */
export interface TableDescription {
  TableName: string;
  KeySchema: KeySchema;
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  GlobalSecondaryIndexes?: IndexDescription[];
  LocalSecondaryIndexes?: IndexDescription[];
  [more: string]: unknown;
}

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A change of one item. `before` or `after` is absent if there was no such item, or if there is none anymore. */
export interface Change {
  readonly tableName: string;
  readonly key: string;
  readonly before?: Item;
  readonly after?: Item;
}

/** The reason for a change: a request, or the expiry of an item. */
export type WriteCause = 'user' | 'time-to-live';
