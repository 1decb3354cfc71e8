import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { createTable } from '../../../local/emulator/dynamodb/create-table';
import { Engine } from '../../../local/emulator/dynamodb/engine/engine';
import { errorName, isAnswer } from '../../../local/emulator/dynamodb/engine/errors';
import { systemClock } from '../../../local/emulator/types';
import { createTables } from './embedded-tables';

type Fields = Record<string, unknown>;

/**
 * Creates the embedded DynamoDB without sockets. It has the part of the SDK's client that a store uses.
 *
 * It exists for tests of thousands of cases, in which the SDK and the loopback calls would take most of the time.
 */
export async function inProcessClient(): Promise<{ client: DynamoDBClient; close(): void }> {
  let ids = 0;
  const engine = new Engine({
    region: 'us-east-1',
    accountId: '000000000000',
    streamShards: 1,
    timeToLiveSweepMs: 3_600_000,
    clock: systemClock,
    newId: () => `engine-${++ids}`,
    onCall: () => undefined,
  });
  const execute = (target: string, input: Fields) => engine.execute(target, input as never);
  await createTables({ createTable: (properties: never) => createTable(execute, properties) } as never);
  const send = async (command: { readonly input: Fields }): Promise<object> => {
    const operation = command.constructor.name.replace(/Command$/, '');
    try {
      // Copies the input, as sending it would: undefined values are dropped, and the engine may keep the copy.
      return await execute(`DynamoDB.${operation}`, JSON.parse(JSON.stringify(command.input)));
    } catch (error) {
      throw isAnswer(error) ? asSdkError(error) : error;
    }
  };
  return { client: { send } as unknown as DynamoDBClient, close: () => engine.close() };
}

function asSdkError(error: { readonly body: Fields }): Error {
  const { message, Item, CancellationReasons } = error.body as {
    message: string;
    Item?: never;
    CancellationReasons?: never;
  };
  const name = errorName(error);
  const common = { message, $metadata: {} };
  if (name === 'ConditionalCheckFailedException') return new ConditionalCheckFailedException({ ...common, Item });
  if (name === 'TransactionCanceledException')
    return new TransactionCanceledException({ ...common, CancellationReasons });
  return Object.assign(new Error(`${name}: ${message}`), { name });
}
