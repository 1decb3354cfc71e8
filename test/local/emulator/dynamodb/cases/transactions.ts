import {
  GetItemCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { failure, type Harness } from '../harness';

const key = (pk: string) => ({ pk: { S: pk } });

function transact(h: Harness, TransactItems: TransactWriteItem[], ClientRequestToken?: string) {
  return h.db.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
}

async function get(h: Harness, TableName: string, pk: string) {
  return (await h.db.send(new GetItemCommand({ TableName, Key: key(pk), ConsistentRead: true }))).Item;
}

export const transactionCases: Case[] = [
  {
    id: 'DDB-70',
    rule: 'puts, updates, deletes and checks over several tables happen together',
    source: 'API reference, TransactWriteItems',
    async run(h) {
      const [one, two] = [await h.table(), await h.table()];
      await h.put(one, { ...key('old'), n: { N: '1' } }, key('gone'));
      await h.put(two, key('guard'));
      await transact(h, [
        {
          Put: {
            TableName: two,
            Item: { ...key('new'), v: { S: 'v' } },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        {
          Update: {
            TableName: one,
            Key: key('old'),
            UpdateExpression: 'ADD n :n',
            ExpressionAttributeValues: { ':n': { N: '4' } },
          },
        },
        { Delete: { TableName: one, Key: key('gone') } },
        { ConditionCheck: { TableName: two, Key: key('guard'), ConditionExpression: 'attribute_exists(pk)' } },
      ]);
      expect(await get(h, two, 'new')).toEqual({ ...key('new'), v: { S: 'v' } });
      expect(await get(h, one, 'old')).toEqual({ ...key('old'), n: { N: '5' } });
      expect(await get(h, one, 'gone')).toBeUndefined();
      expect(await get(h, two, 'guard')).toEqual(key('guard'));
    },
  },
  {
    id: 'DDB-71',
    rule: 'one failed condition cancels all actions, with a reason for each and the item where it is requested',
    source: 'API reference, TransactWriteItems: TransactionCanceledException',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...key('a'), v: { S: 'old' } }, key('b'));
      const ConditionExpression = 'attribute_not_exists(pk)';
      const error = await failure(
        transact(h, [
          { Put: { TableName, Item: key('new') } },
          { Put: { TableName, Item: key('a'), ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
          { ConditionCheck: { TableName, Key: key('b'), ConditionExpression } },
        ]),
      );
      expect(error.name).toBe('TransactionCanceledException');
      expect(error.message).toBe(
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]',
      );
      expect(error.CancellationReasons).toEqual([
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { ...key('a'), v: { S: 'old' } },
        },
        { Code: 'ConditionalCheckFailed', Message: expect.stringContaining('The conditional request failed') },
      ]);
      expect(await get(h, TableName, 'new')).toBeUndefined();
    },
  },
  {
    id: 'DDB-72',
    rule: 'the same token and request again succeed without a second effect; another request is a mismatch',
    source: 'API reference, TransactWriteItems: ClientRequestToken',
    async run(h) {
      const TableName = await h.table();
      const add = (n: string): TransactWriteItem[] => [
        {
          Update: {
            TableName,
            Key: key('a'),
            UpdateExpression: 'ADD n :n',
            ExpressionAttributeValues: { ':n': { N: n } },
          },
        },
      ];
      const token = `token-${TableName}`;
      await transact(h, add('1'), token);
      await transact(h, add('1'), token);
      expect((await failure(transact(h, add('2'), token))).name).toBe('IdempotentParameterMismatchException');
      expect((await get(h, TableName, 'a'))?.n).toEqual({ N: '1' });
    },
  },
  {
    id: 'DDB-73',
    rule: 'a cancelled transaction does not use up its token',
    source: 'API reference, TransactWriteItems: ClientRequestToken',
    async run(h) {
      const TableName = await h.table();
      const items = [{ Put: { TableName, Item: key('a'), ConditionExpression: 'attribute_not_exists(pk)' } }];
      const token = `token-${TableName}`;
      await h.put(TableName, key('a'));
      expect((await failure(transact(h, items, token))).name).toBe('TransactionCanceledException');
      expect((await failure(transact(h, items, token))).name).toBe('TransactionCanceledException');
    },
  },
  {
    id: 'DDB-74',
    rule: 'the same item twice, no action, more than 100, and a check without condition are refused',
    source: 'API reference, TransactWriteItems',
    async run(h) {
      const TableName = await h.table();
      const put = (pk: string) => ({ Put: { TableName, Item: key(pk) } });
      const check = { ConditionCheck: { TableName, Key: key('a'), ConditionExpression: undefined } };
      const requests = [[put('a'), put('a')], [], Array.from({ length: 101 }, (_, i) => put(String(i))), [check]];
      for (const request of requests) {
        expect((await failure(transact(h, request as TransactWriteItem[]))).name).toBe('ValidationException');
      }
      await transact(
        h,
        Array.from({ length: 100 }, (_, i) => put(String(i))),
      );
      expect(await get(h, TableName, '99')).toEqual(key('99'));
    },
  },
  {
    id: 'DDB-75',
    rule: 'an action that turns out invalid on its item cancels all, with the reason ValidationError',
    source: 'API reference, TransactWriteItems: TransactionCanceledException',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...key('a'), s: { S: 'text' } });
      const update = {
        TableName,
        Key: key('a'),
        UpdateExpression: 'SET s = s + :n',
        ExpressionAttributeValues: { ':n': { N: '1' } },
      };
      const error = await failure(transact(h, [{ Put: { TableName, Item: key('b') } }, { Update: update }]));
      expect(error.name).toBe('TransactionCanceledException');
      expect(error.CancellationReasons).toMatchObject([{ Code: 'None' }, { Code: 'ValidationError' }]);
      expect(await get(h, TableName, 'b')).toBeUndefined();
    },
  },
  {
    id: 'DDB-76',
    rule: 'TransactGetItems answers in the order of its gets, with gaps for missing items',
    source: 'API reference, TransactGetItems',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...key('a'), v: { S: '1' } }, { ...key('b'), v: { S: '2' } });
      const TransactItems = ['b', 'none', 'a'].map((pk) => ({
        Get: { TableName, Key: key(pk), ProjectionExpression: 'v' },
      }));
      const { Responses } = await h.db.send(new TransactGetItemsCommand({ TransactItems }));
      expect(Responses?.map((response) => response.Item?.v?.S)).toEqual(['2', undefined, '1']);
    },
  },
  {
    id: 'DDB-77',
    rule: 'transactions and single writes that race leave no half state: a transfer keeps the sum',
    source: 'Developer guide, "Isolation levels for DynamoDB transactions"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...key('a'), n: { N: '50' } }, { ...key('b'), n: { N: '50' } });
      const change = (pk: string, n: string) => ({
        TableName,
        Key: key(pk),
        UpdateExpression: 'ADD n :n',
        ConditionExpression: 'n >= :least',
        ExpressionAttributeValues: { ':n': { N: n }, ':least': { N: n.startsWith('-') ? '1' : '0' } },
      });
      const transfers = Array.from({ length: 80 }, (_, i) =>
        transact(h, [{ Update: change(i % 3 ? 'a' : 'b', '-1') }, { Update: change(i % 3 ? 'b' : 'a', '1') }]),
      );
      const singles = Array.from({ length: 20 }, () => h.db.send(new UpdateItemCommand(change('a', '1'))));
      const outcomes = await Promise.allSettled([...transfers, ...singles]);
      const unexpected = outcomes.filter(
        (one) => one.status === 'rejected' && one.reason.name !== 'TransactionCanceledException',
      );
      const added = outcomes.slice(80).filter((one) => one.status === 'fulfilled').length;
      expect(unexpected).toEqual([]);
      const [a, b] = await Promise.all([get(h, TableName, 'a'), get(h, TableName, 'b')]);
      expect(Number(a?.n.N) + Number(b?.n.N)).toBe(100 + added);
      expect(added).toBe(20);
    },
  },
];
