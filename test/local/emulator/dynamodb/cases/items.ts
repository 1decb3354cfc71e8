import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { failure, type Harness, type Item } from '../harness';

const Key = { pk: { S: 'a' } };

async function get(h: Harness, TableName: string) {
  return (await h.db.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

async function update(h: Harness, input: Omit<UpdateItemCommandInput, 'Key'>) {
  return (await h.db.send(new UpdateItemCommand({ Key, ...input }))).Attributes;
}

export const itemCases: Case[] = [
  {
    id: 'DDB-20',
    rule: 'an item is returned as it was put, with every type of attribute',
    source: 'Developer guide, "Data types"',
    async run(h) {
      const TableName = await h.table();
      const Item = {
        ...Key,
        text: { S: 'grüße 🚀' },
        empty: { S: '' },
        number: { N: '-0.005' },
        bytes: { B: new Uint8Array([0, 255, 7]) },
        yes: { BOOL: true },
        nothing: { NULL: true as const },
        words: { SS: ['x', 'y'] },
        numbers: { NS: ['1', '2.5'] },
        list: { L: [{ N: '1' }, { M: { deep: { L: [] } } }] },
        map: { M: { constructor: { S: 'not a function' } } },
      };
      await h.put(TableName, Item);
      expect(await get(h, TableName)).toEqual(Item);
    },
  },
  {
    id: 'DDB-21',
    rule: 'numbers lose leading and trailing zeros; more than 38 digits are refused',
    source: 'Developer guide, "Number"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...Key, n: { N: '0012.500' }, e: { N: '1e3' } });
      expect(await get(h, TableName)).toMatchObject({ n: { N: '12.5' }, e: { N: '1000' } });
      const tooLong = h.put(TableName, { ...Key, n: { N: '1'.repeat(39) } });
      expect((await failure(tooLong)).name).toBe('ValidationException');
    },
  },
  {
    id: 'DDB-22',
    rule: 'an item of 400 KB is the largest, counted in bytes of UTF-8',
    source: 'Developer guide, "Service quotas": item size',
    async run(h) {
      const TableName = await h.table();
      const most = 400 * 1024 - 'pk'.length - 'a'.length - 'v'.length;
      await h.put(TableName, { ...Key, v: { S: 'x'.repeat(most) } });
      for (const v of ['x'.repeat(most + 1), 'ü'.repeat(most / 2 + 1)]) {
        const error = await failure(h.put(TableName, { ...Key, v: { S: v } }));
        expect(error.name).toBe('ValidationException');
        expect(error.message).toContain('Item size has exceeded the maximum allowed size');
      }
    },
  },
  {
    id: 'DDB-23',
    rule: 'an update that makes an item too large is refused and changes nothing',
    source: 'Developer guide, "Service quotas": item size',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...Key, v: { S: 'x'.repeat(300 * 1024) } });
      const grow = update(h, {
        TableName,
        UpdateExpression: 'SET w = :w',
        ExpressionAttributeValues: { ':w': { S: 'ü'.repeat(51 * 1024) } },
      });
      const error = await failure(grow);
      expect(error.message).toContain('Item size to update has exceeded the maximum allowed size');
      expect(await get(h, TableName)).not.toHaveProperty('w');
    },
  },
  {
    id: 'DDB-24',
    rule: 'a key that does not match the schema, or is empty, is refused',
    source: 'API reference, PutItem',
    async run(h) {
      const TableName = await h.table();
      const bad: Item[] = [{ pk: { N: '1' } }, { other: { S: 'a' } }, { pk: { S: '' } }];
      for (const Item of bad) {
        expect((await failure(h.db.send(new PutItemCommand({ TableName, Item })))).name).toBe('ValidationException');
        expect((await failure(h.db.send(new GetItemCommand({ TableName, Key: Item })))).name).toBe(
          'ValidationException',
        );
      }
    },
  },
  {
    id: 'DDB-25',
    rule: 'an attribute that is an index key must have the index key type',
    source: 'Developer guide, "Global secondary indexes"',
    async run(h) {
      const TableName = await h.tableWithIndex();
      for (const owner of [{ N: '1' }, { S: '' }]) {
        expect((await failure(h.put(TableName, { ...Key, owner }))).name).toBe('ValidationException');
      }
      await h.put(TableName, { ...Key, other: { N: '1' } });
      const copy = update(h, {
        TableName,
        UpdateExpression: 'SET #o = other',
        ExpressionAttributeNames: { '#o': 'owner' },
      });
      expect((await failure(copy)).name).toBe('ValidationException');
    },
  },
  {
    id: 'DDB-26',
    rule: 'UpdateItem creates a missing item; SET, ADD, REMOVE, if_not_exists, list_append and arithmetic work',
    source: 'Developer guide, "Update expressions"',
    async run(h) {
      const TableName = await h.table();
      const UpdateExpression =
        'SET n = if_not_exists(n, :zero) + :one, l = list_append(if_not_exists(l, :none), :entry) ADD visits :one, tags :tags REMOVE gone';
      const ExpressionAttributeValues = {
        ':zero': { N: '0' },
        ':one': { N: '1' },
        ':none': { L: [] },
        ':entry': { L: [{ S: 'e' }] },
        ':tags': { SS: ['t'] },
      };
      for (const times of [1, 2]) {
        await update(h, { TableName, UpdateExpression, ExpressionAttributeValues });
        expect(await get(h, TableName)).toEqual({
          ...Key,
          n: { N: String(times) },
          visits: { N: String(times) },
          l: { L: Array.from({ length: times }, () => ({ S: 'e' })) },
          tags: { SS: ['t'] },
        });
      }
    },
  },
  {
    id: 'DDB-27',
    rule: 'document paths lead into maps and lists; a path through a missing attribute is refused',
    source: 'Developer guide, "Document paths"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...Key, m: { M: { l: { L: [{ N: '1' }, { N: '2' }] } } } });
      await update(h, {
        TableName,
        UpdateExpression: 'SET m.l[1] = :x REMOVE m.l[0]',
        ExpressionAttributeValues: { ':x': { S: 'x' } },
      });
      expect((await get(h, TableName))?.m).toEqual({ M: { l: { L: [{ S: 'x' }] } } });
      const nowhere = update(h, {
        TableName,
        UpdateExpression: 'SET no.way = :x',
        ExpressionAttributeValues: { ':x': { S: 'x' } },
      });
      expect((await failure(nowhere)).name).toBe('ValidationException');
    },
  },
  {
    id: 'DDB-28',
    rule: 'values on the right side of an update are those from before the update',
    source: 'Developer guide, "Update expressions"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...Key, x: { N: '1' }, y: { N: '2' } });
      await update(h, { TableName, UpdateExpression: 'SET x = y, y = x' });
      expect(await get(h, TableName)).toMatchObject({ x: { N: '2' }, y: { N: '1' } });
      const swap = {
        TableName,
        UpdateExpression: 'SET x = y ADD y :one',
        ExpressionAttributeValues: { ':one': { N: '5' } },
      };
      await update(h, swap);
      expect(await get(h, TableName)).toMatchObject({ x: { N: '1' }, y: { N: '6' } });
      await h.put(TableName, { ...Key, m: { M: { v: { S: 'old' } } } });
      const copy = { TableName, UpdateExpression: 'SET c = if_not_exists(m, :new), m.v = :new' };
      await update(h, { ...copy, ExpressionAttributeValues: { ':new': { S: 'new' } } });
      expect(await get(h, TableName)).toMatchObject({ m: { M: { v: { S: 'new' } } }, c: { M: { v: { S: 'old' } } } });
      await h.put(TableName, { ...Key, l: { L: ['0', '1', '2', '3'].map((S) => ({ S })) } });
      const remove = { TableName, UpdateExpression: 'REMOVE l[0], x, l[2] SET l[1] = :new' };
      await update(h, { ...remove, ExpressionAttributeValues: { ':new': { S: 'new' } } });
      expect((await get(h, TableName))?.l).toEqual({ L: [{ S: 'new' }, { S: '3' }] });
    },
  },
  {
    id: 'DDB-29',
    rule: 'ReturnValues returns old or new values, of all or only of the updated attributes',
    source: 'API reference, UpdateItem: ReturnValues',
    async run(h) {
      const TableName = await h.table();
      const set = (value: string, ReturnValues: 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW') =>
        update(h, {
          TableName,
          ReturnValues,
          UpdateExpression: 'SET v = :v',
          ExpressionAttributeValues: { ':v': { S: value } },
        });
      expect(await set('1', 'ALL_OLD')).toBeUndefined();
      await h.put(TableName, { ...Key, v: { S: '1' }, w: { S: 'w' } });
      expect(await set('2', 'ALL_OLD')).toEqual({ ...Key, v: { S: '1' }, w: { S: 'w' } });
      expect(await set('3', 'UPDATED_OLD')).toEqual({ v: { S: '2' } });
      expect(await set('4', 'ALL_NEW')).toEqual({ ...Key, v: { S: '4' }, w: { S: 'w' } });
      expect(await set('5', 'UPDATED_NEW')).toEqual({ v: { S: '5' } });
      const removed = await h.db.send(new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }));
      expect(removed.Attributes).toEqual({ ...Key, v: { S: '5' }, w: { S: 'w' } });
      const put = new PutItemCommand({ TableName, Item: Key, ReturnValues: 'ALL_NEW' });
      expect((await failure(h.db.send(put))).name).toBe('ValidationException');
    },
  },
  {
    id: 'DDB-30',
    rule: 'the key cannot be updated',
    source: 'API reference, UpdateItem',
    async run(h) {
      const TableName = await h.table();
      const change = update(h, {
        TableName,
        UpdateExpression: 'SET pk = :v',
        ExpressionAttributeValues: { ':v': { S: 'b' } },
      });
      const error = await failure(change);
      expect(error.message).toContain('Cannot update attribute pk. This attribute is part of the key');
    },
  },
  {
    id: 'DDB-31',
    rule: 'BatchWriteItem puts and deletes, refuses the same key twice and more than 25 requests',
    source: 'API reference, BatchWriteItem',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { pk: { S: 'gone' } });
      const put = (pk: string) => ({ PutRequest: { Item: { pk: { S: pk } } } });
      const send = (requests: object[]) =>
        h.db.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
      const { UnprocessedItems } = await send([put('a'), put('b'), { DeleteRequest: { Key: { pk: { S: 'gone' } } } }]);
      expect(UnprocessedItems).toEqual({});
      const Keys = ['a', 'b', 'gone'].map((pk) => ({ pk: { S: pk } }));
      const { Responses } = await h.db.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
      expect(Responses?.[TableName].map((item) => item.pk.S).sort()).toEqual(['a', 'b']);
      expect((await failure(send([put('c'), put('c')]))).name).toBe('ValidationException');
      expect((await failure(send(Array.from({ length: 26 }, (_, i) => put(`n${i}`))))).name).toBe(
        'ValidationException',
      );
    },
  },
  {
    id: 'DDB-32',
    rule: 'projections return only the named paths, and BatchGetItem accepts one for each table',
    source: 'Developer guide, "Projection expressions"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...Key, m: { M: { x: { S: '1' }, y: { S: '2' } } }, z: { S: '3' } });
      const one = await h.db.send(new GetItemCommand({ TableName, Key, ProjectionExpression: 'm.x' }));
      expect(one.Item).toEqual({ m: { M: { x: { S: '1' } } } });
      const request = { Keys: [Key], ProjectionExpression: '#p', ExpressionAttributeNames: { '#p': 'z' } };
      const many = await h.db.send(new BatchGetItemCommand({ RequestItems: { [TableName]: request } }));
      expect(many.Responses?.[TableName]).toEqual([{ z: { S: '3' } }]);
    },
  },
];
