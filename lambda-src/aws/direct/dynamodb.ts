import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { JsonService } from './direct-client';

/** The errors with which a store continues. DynamoDB has refused the write. */
const STORE_ERRORS = new Map<string, new (options: never) => Error>([
  ['ConditionalCheckFailedException', ConditionalCheckFailedException],
  ['TransactionCanceledException', TransactionCanceledException],
  ['TransactionConflictException', TransactionConflictException],
]);

/** DynamoDB, for the commands of the store. The store's items have no binary attributes. */
export const DYNAMODB: JsonService = {
  name: 'dynamodb',
  target: 'DynamoDB_20120810',
  operations: new Map<unknown, string>([
    [GetItemCommand, 'GetItem'],
    [BatchGetItemCommand, 'BatchGetItem'],
    [QueryCommand, 'Query'],
    [PutItemCommand, 'PutItem'],
    [UpdateItemCommand, 'UpdateItem'],
    [DeleteItemCommand, 'DeleteItem'],
    [TransactWriteItemsCommand, 'TransactWriteItems'],
  ]),
  errorOf: (type, body) => {
    const SdkError = STORE_ERRORS.get(type);
    const message = String(body.message ?? body.Message ?? '');
    const $metadata = { httpStatusCode: 400, attempts: 1 };
    return SdkError && new SdkError({ ...body, message, $metadata } as never);
  },
};
