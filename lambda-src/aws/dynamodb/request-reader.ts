import { type DynamoDBClient, QueryCommand, type QueryCommandInput, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { REQUESTS } from '../../../src/contract';
import { deadBucket, type Item } from '../../core';
import type { DeadLetterKey, RequestReader, TimeRange } from '../../flows/operations/select';

/** Number of items of one page. It is small, so that a page costs little if only a part of it is used. */
const PAGE_ITEMS = 200;

type Page = { readonly Items?: Record<string, never>[]; readonly LastEvaluatedKey?: Record<string, never> };

/** Reads many requests from DynamoDB. */
export class DynamoRequestReader implements RequestReader {
  public constructor(
    private readonly client: DynamoDBClient,
    private readonly requestsTable: string,
  ) {}

  public deadLetters(
    shard: number,
    { from = 0, to = Number.MAX_SAFE_INTEGER }: TimeRange,
  ): AsyncIterable<DeadLetterKey> {
    const { indexName, partitionKey, sortKey } = REQUESTS.due;
    const query: QueryCommandInput = {
      TableName: this.requestsTable,
      IndexName: indexName,
      KeyConditionExpression: '#p = :p AND #s BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#p': partitionKey, '#s': sortKey },
      ExpressionAttributeValues: marshall({ ':p': deadBucket(shard), ':from': from, ':to': to }),
      ScanIndexForward: false,
      Limit: PAGE_ITEMS,
    };
    const read = (start?: Page['LastEvaluatedKey']) =>
      this.client.send(new QueryCommand({ ...query, ExclusiveStartKey: start })) as Promise<Page>;
    return itemsOf(read) as AsyncIterable<Item & DeadLetterKey>;
  }

  public scan(): AsyncIterable<Item> {
    return itemsOf(
      (start) =>
        this.client.send(
          new ScanCommand({ TableName: this.requestsTable, Limit: PAGE_ITEMS, ExclusiveStartKey: start }),
        ) as Promise<Page>,
    );
  }
}

async function* itemsOf(read: (start?: Page['LastEvaluatedKey']) => Promise<Page>): AsyncGenerator<Item> {
  let start: Page['LastEvaluatedKey'];
  do {
    const page = await read(start);
    for (const item of page.Items ?? []) yield unmarshall(item);
    start = page.LastEvaluatedKey;
  } while (start);
}
