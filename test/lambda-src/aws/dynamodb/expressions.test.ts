import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import {
  conditionExpression,
  Placeholders,
  stamped,
  updateExpression,
} from '../../../../lambda-src/aws/dynamodb/expressions';
import {
  and,
  type Condition,
  eq,
  type Item,
  type Key,
  or,
  type Update,
  type Write,
} from '../../../../lambda-src/core/write';
import { MemoryStore } from '../../../fakes/memory-store';
import { storeOf } from '../../support/embedded-tables';
import { FakePlatform } from '../../support/fake-platform';
import { inProcessClient } from '../../support/in-process-client';
import { canonical } from '../../support/mirrored-store';

describe('an expression', () => {
  test('an expression names every attribute and value by a placeholder, each attribute once', () => {
    const to = new Placeholders();

    expect(conditionExpression(and(eq('status', 'PENDING'), or(eq('status', 'x'), eq('n', 1))), to)).toBe(
      '#0 = :0 AND (#0 = :1 OR #1 = :2)',
    );
    expect(to).toMatchObject({ names: { '#0': 'status', '#1': 'n' }, values: { ':0': 'PENDING', ':1': 'x', ':2': 1 } });
  });

  test('a single condition among several has no parentheses', () => {
    expect(conditionExpression(and(or(eq('a', 1))), new Placeholders())).toBe('#0 = :0');
  });

  test('an expression of an update has only the clauses that it needs, and nothing that is undefined', () => {
    const update = { kind: 'update', table: 'requests', key: {}, set: { a: 1, b: undefined }, remove: ['c'] } as const;

    expect(updateExpression(update, new Placeholders())).toBe('SET #0 = :0 REMOVE #1');
    expect(updateExpression({ ...update, set: {}, add: { n: 2 }, remove: [] }, new Placeholders())).toBe('ADD #0 :0');
  });

  test('an expression carries the id of its write, unless the write leaves no item', () => {
    const key = { requestKey: 'k' };

    expect(stamped({ kind: 'put', table: 'requests', key, attributes: { a: 1 } }, 'w')).toMatchObject({
      attributes: { a: 1, writeId: 'w' },
    });
    expect(stamped({ kind: 'update', table: 'requests', key }, 'w')).toMatchObject({ set: { writeId: 'w' } });
    expect(stamped({ kind: 'delete', table: 'requests', key }, 'w')).toEqual({
      kind: 'delete',
      table: 'requests',
      key,
    });
  });
});

describe('on a database, whatever the writes', () => {
  // There are few names and values, so that conditions often match the items. `type` and `size` are reserved words of DynamoDB.
  const texts = fc.constantFrom('', 'a', 'b', 'é', '\uffee', '\u{1f600}', '1');
  const numbers = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(2 ** 53 - 1, -0.5, 1e-7, 1.5));
  const scalar = fc.oneof(texts, numbers, fc.boolean());
  const attribute = fc.constantFrom('status', 'type', 'size', 'a.b', 'n');
  const counter = fc.constantFrom('fence', 'attempt');
  const anyAttribute = fc.oneof(attribute, counter, fc.constant('requestKey'));
  const ref = anyAttribute.map((name) => ({ attribute: name }));
  const value = fc.oneof(scalar, fc.constantFrom(null, [1, 'x'], { deep: { n: 1, list: [true] } }, {}, []));

  // DynamoDB refuses to compare an attribute with itself
  const isDistinct = ({ attribute: name, value: other }: { attribute: string; value: unknown }) =>
    typeof other !== 'object' || (other as { attribute: string }).attribute !== name;

  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.record({ op: fc.constantFrom('exists' as const, 'absent' as const), attribute: anyAttribute }),
      fc
        .record({ op: fc.constant('eq' as const), attribute: anyAttribute, value: fc.oneof(scalar, ref) })
        .filter(isDistinct),
      // DynamoDB refuses the expression if it compares the order of literal booleans.
      fc
        .record({
          op: fc.constantFrom('lt' as const, 'lte' as const),
          attribute: anyAttribute,
          value: fc.oneof(texts, numbers, ref),
        })
        .filter(isDistinct),
      fc.record({
        op: fc.constantFrom('and' as const, 'or' as const),
        all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
      }),
    ),
  }));

  const attributes = fc.dictionary(attribute, fc.option(value, { nil: undefined }), { maxKeys: 4 });
  const counters = fc.dictionary(counter, fc.integer({ min: 0, max: 3 }), { maxKeys: 2 });
  const when = fc.option(condition, { nil: undefined });
  type Draft = Omit<Write, 'key'>;
  const put = fc.record({ attributes, counters, when }).map(
    (write): Draft =>
      ({
        kind: 'put',
        table: 'requests',
        attributes: { ...write.attributes, ...write.counters },
        when: write.when,
      }) as Draft,
  );
  const update = fc
    .record({ set: attributes, add: counters, gone: fc.uniqueArray(fc.oneof(attribute, counter)), when })
    .map(({ set, add, gone, when: condition }): Draft => {
      // The paths of an update must not overlap.
      const remove = gone.filter((name) => set[name] === undefined && add[name] === undefined);
      return { kind: 'update', table: 'requests', set, add, remove, when: condition } as Omit<Update, 'key'>;
    });
  const remove = when.map((condition): Draft => ({ kind: 'delete', table: 'requests', when: condition }));
  const write = fc.oneof(
    { weight: 3, arbitrary: update },
    { weight: 2, arbitrary: put },
    { weight: 1, arbitrary: remove },
  );

  let database: { client: DynamoDBClient; close(): void };
  beforeAll(async () => {
    database = await inProcessClient();
  });
  afterAll(() => database.close());
  const platform = new FakePlatform();

  test('each write is applied or refused as in the model, and the items are the same afterwards', async () => {
    let cases = 0;
    const seen = { applied: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 3 }), async (writes) => {
        const key: Key = { requestKey: `k${++cases}` };
        const [real, model] = [storeOf(database.client, platform), new MemoryStore()];
        for (const each of writes) {
          const [got, expected] = [
            await real.write({ ...each, key } as Write),
            await model.write({ ...each, key } as Write),
          ];
          expect(canonical(got)).toBe(canonical(expected));
          seen[got.applied ? 'applied' : 'refused']++;
          expect(canonical(await real.get('requests', key))).toBe(canonical(await model.get('requests', key)));
        }
      }),
      { numRuns: 2_000 },
    );

    expect(seen.applied).toBeGreaterThan(800);
    expect(seen.refused).toBeGreaterThan(300);
  });

  test('a transaction is applied completely or not at all, as in the model', async () => {
    let cases = 0;
    const item = fc.record({ set: attributes, when });
    const pair = fc.tuple(item, item, fc.option(condition, { nil: undefined }));
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 4 }), async (transactions) => {
        const keys = [1, 2, 3].map((n): Key => ({ requestKey: `t${cases}-${n}` }));
        cases++;
        const [real, model] = [storeOf(database.client, platform), new MemoryStore()];
        for (const [a, b, checked] of transactions) {
          const writes = [
            { kind: 'update', table: 'requests', key: keys[0], ...a },
            { kind: 'put', table: 'requests', key: keys[1], attributes: b.set, when: b.when },
            ...(checked ? [{ kind: 'check', table: 'requests', key: keys[2], when: checked } as const] : []),
          ] as Write[];
          expect(await real.transact(writes)).toBe(await model.transact(writes));
        }
        for (const key of keys)
          expect(canonical(await real.get('requests', key))).toBe(canonical(await model.get('requests', key)));
      }),
      { numRuns: 300 },
    );
  });

  test('a page of a log is the same, from any offset, in both directions', async () => {
    const [real, model] = [storeOf(database.client, platform), new MemoryStore()];
    for (const offset of [-1001, -2, -1, 0, 1, 2, 5, 10, 100]) {
      const put = {
        kind: 'put',
        table: 'events',
        key: { logKey: 'log', offset },
        attributes: { name: `e${offset}` },
      } as const;
      await Promise.all([real.write(put), model.write(put), real.write({ ...put, key: { logKey: 'other', offset } })]);
    }
    const query = fc.record(
      { from: fc.integer({ min: -3, max: 101 }), newestFirst: fc.boolean(), limit: fc.integer({ min: 1, max: 12 }) },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(query, async (more) => {
        const all = { table: 'events', partition: 'log', ...more } as const;
        const [got, expected]: Item[][] = [await real.query(all), await model.query(all)];
        expect(canonical(got)).toBe(canonical(expected));
      }),
      { numRuns: 300 },
    );
  });
});
