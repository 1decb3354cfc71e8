import fc from 'fast-check';
import { EngineUnderTest } from './support';

interface Stored {
  readonly n: number;
  readonly group?: string;
}

type Condition = 'none' | 'absent' | 'present' | { readonly n: number };

interface Step {
  readonly kind: 'put' | 'add' | 'delete' | 'check';
  readonly key: string;
  readonly value: number;
  readonly condition: Condition;
}

type Model = Map<string, Stored>;

const condition = fc.oneof(
  fc.constantFrom<Condition>('none', 'absent', 'present'),
  fc.record({ n: fc.integer({ min: 0, max: 3 }) }),
);
const stepOf = (...kinds: Step['kind'][]) =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.integer({ min: 0, max: 2 }),
    condition,
  });
const transaction = fc.uniqueArray(stepOf('put', 'add', 'delete', 'check'), {
  minLength: 1,
  maxLength: 3,
  selector: (step) => step.key,
});
const single = stepOf('put', 'add', 'delete').map((step) => [step]);
const request = fc.record({ steps: fc.oneof(single, transaction), transactional: fc.boolean() });

function holds(stored: Stored | undefined, wanted: Condition): boolean {
  if (wanted === 'none') return true;
  if (wanted === 'absent') return stored === undefined;
  if (wanted === 'present') return stored !== undefined;
  return stored?.n === wanted.n;
}

function applied(stored: Stored | undefined, { kind, value }: Step): Stored | undefined {
  if (kind === 'delete') return undefined;
  if (kind === 'add') return { ...stored, n: (stored?.n ?? 0) + value };
  if (kind === 'put') return { n: value, ...(value > 0 && { group: `g${value}` }) };
  return stored;
}

/** Applies all steps or none. Returns whether they were applied. */
function applyToModel(model: Model, steps: readonly Step[]): boolean {
  if (!steps.every((step) => holds(model.get(step.key), step.condition))) return false;
  for (const step of steps) {
    const next = applied(model.get(step.key), step);
    if (next) model.set(step.key, next);
    else model.delete(step.key);
  }
  return true;
}

const toItem = (pk: string, { n, group }: Stored) => ({
  pk: { S: pk },
  n: { N: String(n) },
  ...(group && { group: { S: group } }),
});

function conditionInput(wanted: Condition): { ConditionExpression?: string; values: Record<string, unknown> } {
  if (wanted === 'none') return { values: {} };
  if (typeof wanted === 'object')
    return { ConditionExpression: 'n = :expected', values: { ':expected': { N: String(wanted.n) } } };
  return { ConditionExpression: `attribute_${wanted === 'absent' ? 'not_' : ''}exists(pk)`, values: {} };
}

function input({ kind, key, value, condition: wanted }: Step): Record<string, unknown> {
  const { ConditionExpression, values } = conditionInput(kind === 'check' && wanted === 'none' ? 'present' : wanted);
  const all = kind === 'add' ? { ...values, ':n': { N: String(value) } } : values;
  return {
    TableName: 'items',
    ...(kind === 'put'
      ? { Item: toItem(key, applied(undefined, { kind, key, value, condition: wanted }) as Stored) }
      : { Key: { pk: { S: key } } }),
    ...(kind === 'add' && { UpdateExpression: 'ADD n :n' }),
    ...(ConditionExpression && { ConditionExpression }),
    ...(Object.keys(all).length > 0 && { ExpressionAttributeValues: all }),
  };
}

const operation = { put: 'PutItem', add: 'UpdateItem', delete: 'DeleteItem' };
const action = { put: 'Put', add: 'Update', delete: 'Delete', check: 'ConditionCheck' };

function send(db: EngineUnderTest, steps: readonly Step[], transactional: boolean): Promise<unknown> {
  const [first] = steps;
  if (steps.length === 1 && first.kind !== 'check' && !transactional)
    return db.run(operation[first.kind], input(first));
  return db.run('TransactWriteItems', { TransactItems: steps.map((step) => ({ [action[step.kind]]: input(step) })) });
}

/** Adds a condition to a check, which must have one. */
const checked = (step: Step): Step =>
  step.kind === 'check' && step.condition === 'none' ? { ...step, condition: 'present' } : step;

function expectedItems(model: Model) {
  return new Map([...model].map(([pk, stored]) => [pk, toItem(pk, stored)]));
}

// biome-ignore lint/suspicious/noExplicitAny: items of the API
const byKey = (items: any[]) => new Map(items.map((item) => [item.pk.S, item]));

describe('The engine, compared with a plain map', () => {
  test('The engine, compared with a plain map, succeeds and fails as the map does, and ends with the same items, index entries and replayed stream', async () => {
    const requests = fc.array(request, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(requests, async (sequence) => {
        const db = new EngineUnderTest();
        const arn = await db.itemsTable();
        const model: Model = new Map();
        let changes = 0;
        for (const { steps: raw, transactional } of sequence) {
          const steps = raw.map(checked);
          const before = expectedItems(model);
          const happened = applyToModel(model, steps);
          const outcome = await send(db, steps, transactional).then(
            () => true,
            (error) => (/Conditional|Canceled/.test(error.body.__type) ? false : Promise.reject(error)),
          );
          expect(outcome).toBe(happened);
          const after = expectedItems(model);
          changes += ['a', 'b', 'c'].filter(
            (key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)),
          ).length;
        }
        await expectSameState(db, arn, model, changes);
      }),
      { numRuns: 150 },
    );
  });
});

async function expectSameState(db: EngineUnderTest, arn: string, model: Model, changes: number): Promise<void> {
  const expected = expectedItems(model);
  expect(byKey((await db.run('Scan', { TableName: 'items' })).Items)).toEqual(expected);
  const indexed = (await db.run('Scan', { TableName: 'items', IndexName: 'byGroup' })).Items;
  expect(byKey(indexed)).toEqual(new Map([...expected].filter(([, item]) => item.group)));
  const replayed = new Map();
  const records = await db.records(await db.iterator(arn));
  for (const { dynamodb } of records) {
    const key = dynamodb.Keys.pk.S;
    expect(dynamodb.OldImage).toEqual(replayed.get(key));
    if (dynamodb.NewImage) replayed.set(key, dynamodb.NewImage);
    else replayed.delete(key);
  }
  expect(replayed).toEqual(expected);
  expect(records).toHaveLength(changes);
}
