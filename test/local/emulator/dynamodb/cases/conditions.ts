import { DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { failure, type Item } from '../harness';

const Key = { pk: { S: 'a' } };
const stored: Item = {
  ...Key,
  s: { S: 'hello' },
  n: { N: '10' },
  b: { B: new Uint8Array([1, 2, 3]) },
  t: { BOOL: true },
  ss: { SS: ['x', 'y'] },
  l: { L: [{ S: 'x' }, { N: '2' }] },
  m: { M: { k: { S: 'v' } } },
};

/** Conditions on the stored item, and whether each is true. */
const table: [condition: string, values: Item, holds: boolean][] = [
  ['attribute_exists(s) AND attribute_not_exists(zz)', {}, true],
  ['attribute_exists(m.k) AND attribute_not_exists(m.zz)', {}, true],
  ['n > :v', { ':v': { N: '9' } }, true],
  ['n > :v', { ':v': { N: '10.0' } }, false],
  ['n = :v', { ':v': { N: '10.00' } }, true],
  ['n < :v', { ':v': { S: '99' } }, false],
  ['n <> :v', { ':v': { S: '10' } }, true],
  ['zz <> :v', { ':v': { S: 'x' } }, true],
  ['zz < yy', {}, false],
  ['NOT zz = :v', { ':v': { S: 'x' } }, true],
  ['s BETWEEN :v AND :w', { ':v': { S: 'hell' }, ':w': { S: 'help' } }, true],
  ['n IN (:v, :w)', { ':v': { N: '1' }, ':w': { N: '10' } }, true],
  ['begins_with(s, :v)', { ':v': { S: 'he' } }, true],
  ['begins_with(s, :v)', { ':v': { S: 'lo' } }, false],
  ['contains(s, :v)', { ':v': { S: 'ell' } }, true],
  ['contains(ss, :v)', { ':v': { S: 'x' } }, true],
  ['contains(l, :v)', { ':v': { N: '2' } }, true],
  ['contains(l, :v)', { ':v': { S: '2' } }, false],
  ['size(s) = :v', { ':v': { N: '5' } }, true],
  ['size(b) = :v', { ':v': { N: '3' } }, true],
  ['size(l) < size(s)', {}, true],
  ['attribute_type(m, :v)', { ':v': { S: 'M' } }, true],
  ['attribute_type(m, :v)', { ':v': { S: 'L' } }, false],
  ['ss = :v', { ':v': { SS: ['y', 'x'] } }, true],
  ['l = :v', { ':v': { L: [{ S: 'x' }, { N: '2' }] } }, true],
  ['l = :v', { ':v': { L: [{ N: '2' }, { S: 'x' }] } }, false],
  ['m = :v', { ':v': { M: { k: { S: 'v' } } } }, true],
  ['t = :v', { ':v': { BOOL: false } }, false],
  ['s = :v OR n = :w AND s = :w', { ':v': { S: 'hello' }, ':w': { N: '0' } }, true],
  ['(s = :v OR n = :w) AND s = :w', { ':v': { S: 'hello' }, ':w': { N: '0' } }, false],
];

export const conditionCases: Case[] = [
  {
    id: 'DDB-40',
    rule: 'comparisons, functions, NOT, AND and OR are true and false as documented',
    source: 'Developer guide, "Condition and filter expressions"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, stored);
      const seen: typeof table = [];
      for (const [ConditionExpression, values] of table) {
        const ExpressionAttributeValues = Object.keys(values).length > 0 ? values : undefined;
        const input = { TableName, Item: stored, ConditionExpression, ExpressionAttributeValues };
        const error = await h.db.send(new PutItemCommand(input)).then(
          () => undefined,
          (reason: Error) => reason,
        );
        if (error && error.name !== 'ConditionalCheckFailedException') throw error;
        seen.push([ConditionExpression, values, !error]);
      }
      expect(seen).toEqual(table);
    },
  },
  {
    id: 'DDB-41',
    rule: 'a condition that fails changes nothing, for put, update and delete',
    source: 'API reference: ConditionalCheckFailedException',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, stored);
      const ConditionExpression = 'attribute_not_exists(pk)';
      const UpdateExpression = 'REMOVE s';
      const writes = [
        h.db.send(new PutItemCommand({ TableName, Item: Key, ConditionExpression })),
        h.db.send(new UpdateItemCommand({ TableName, Key, ConditionExpression, UpdateExpression })),
        h.db.send(new DeleteItemCommand({ TableName, Key, ConditionExpression })),
      ];
      for (const write of writes) expect((await failure(write)).name).toBe('ConditionalCheckFailedException');
      expect((await h.db.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(stored);
    },
  },
  {
    id: 'DDB-42',
    rule: 'ReturnValuesOnConditionCheckFailure returns the current item, only if it is requested',
    source: 'API reference: ReturnValuesOnConditionCheckFailure',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, stored);
      const put = { TableName, Item: Key, ConditionExpression: 'attribute_not_exists(pk)' };
      expect((await failure(h.db.send(new PutItemCommand(put)))).Item).toBeUndefined();
      const asking = { ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
      expect((await failure(h.db.send(new PutItemCommand(asking)))).Item).toEqual(stored);
      const missing = new DeleteItemCommand({
        TableName,
        Key: { pk: { S: 'none' } },
        ConditionExpression: 'attribute_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const error = await failure(h.db.send(missing));
      expect(error.name).toBe('ConditionalCheckFailedException');
      expect(error.Item).toBeUndefined();
    },
  },
  {
    id: 'DDB-43',
    rule: 'of many racing conditional writes of one item exactly one wins',
    source: 'Developer guide, "Condition expressions"',
    async run(h) {
      const TableName = await h.table();
      const attempts = Array.from({ length: 100 }, (_, i) =>
        h.db.send(
          new PutItemCommand({
            TableName,
            Item: { ...Key, winner: { N: String(i) } },
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      const outcomes = await Promise.allSettled(attempts);
      const wins = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
      expect(wins).toHaveLength(1);
      const seenByLosers = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason.Item.winner.N] : [],
      );
      expect(new Set(seenByLosers)).toEqual(new Set([String(wins[0])]));
    },
  },
  {
    id: 'DDB-44',
    rule: 'racing increments of one item all count',
    source: 'Developer guide, "Atomic counters"',
    async run(h) {
      const TableName = await h.table();
      const add = { TableName, Key, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } };
      await Promise.all(Array.from({ length: 100 }, () => h.db.send(new UpdateItemCommand(add))));
      expect((await h.db.send(new GetItemCommand({ TableName, Key }))).Item?.n).toEqual({ N: '100' });
    },
  },
];
