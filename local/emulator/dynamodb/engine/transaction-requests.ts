import { schemas } from '../dynalite';
import type { FieldSchema, FieldSchemas, ParsedRequest, RequestSchema } from '../dynalite/shapes';
import { validationError } from './errors';
import { capacityField, parse, parseMember, singleWrites } from './requests';
import type { WriteKind } from './writes';

/** A parsed action of a transaction. A condition check is parsed like a delete, because it has the same fields. */
export interface TransactionStep {
  readonly kind: WriteKind | 'check';
  readonly data: ParsedRequest;
}

/** Maximum number of actions in a transaction (API reference, TransactWriteItems). */
const MAX_ACTIONS = 100;

const dropped = ['Expected', 'ConditionalOperator', 'AttributeUpdates', 'ReturnValues', 'ReturnConsumedCapacity'];

/**
 * Returns the fields of an action. An action has the fields of the single operation, except legacy fields and fields
 * for the whole request.
 */
function actionFields(schema: RequestSchema, required: string[] = []): FieldSchemas {
  const fields = Object.entries(schema.types).filter(([name]) => !dropped.includes(name));
  const require = ([name, field]: [string, FieldSchema | string]): [string, FieldSchema | string] =>
    required.includes(name) ? [name, { ...(field as FieldSchema), notNull: true }] : [name, field];
  return Object.fromEntries(fields.map(require));
}

function listOf(member: string, actions: Record<string, FieldSchemas>): FieldSchema {
  const children = Object.entries(actions).map(([name, fields]) => [name, struct(name, fields)] as const);
  return {
    type: 'List',
    notNull: true,
    lengthGreaterThanOrEqual: 1,
    lengthLessThanOrEqual: MAX_ACTIONS,
    children: { type: `ValueStruct<${member}>`, children: Object.fromEntries(children) },
  };
}

function struct(name: string, children: FieldSchemas): FieldSchema {
  return { type: `FieldStruct<${name}>`, children };
}

const writeSchema: RequestSchema = {
  types: {
    ReturnConsumedCapacity: capacityField,
    ClientRequestToken: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 36 },
    TransactItems: listOf('TransactWriteItem', {
      ConditionCheck: actionFields(singleWrites.delete, ['ConditionExpression']),
      Put: actionFields(singleWrites.put),
      Delete: actionFields(singleWrites.delete),
      Update: actionFields(singleWrites.update, ['UpdateExpression']),
    }),
  },
};

const getSchema: RequestSchema = {
  types: {
    ReturnConsumedCapacity: capacityField,
    TransactItems: listOf('TransactGetItem', { Get: transactGetFields() }),
  },
};

function transactGetFields(): FieldSchemas {
  const { ConsistentRead, AttributesToGet, ...fields } = actionFields(schemas.getItem);
  return fields;
}

const kinds = new Map<string, TransactionStep['kind']>([
  ['Put', 'put'],
  ['Update', 'update'],
  ['Delete', 'delete'],
  ['ConditionCheck', 'check'],
]);

export function parseWrites(input: ParsedRequest): { data: ParsedRequest; steps: TransactionStep[] } {
  const data = parse(input, writeSchema);
  return { data, steps: data.TransactItems.map(writeStep) };
}

export function parseGets(input: ParsedRequest): { data: ParsedRequest; gets: ParsedRequest[] } {
  const data = parse(input, getSchema);
  return {
    data,
    gets: data.TransactItems.map((item: ParsedRequest) => parseMember(onlyAction(item)[1], schemas.getItem)),
  };
}

function writeStep(item: ParsedRequest): TransactionStep {
  const [name, fields] = onlyAction(item);
  const kind = kinds.get(name) as TransactionStep['kind'];
  return { kind, data: parseMember(fields, singleWrites[kind === 'check' ? 'delete' : kind]) };
}

function onlyAction(item: ParsedRequest): [string, ParsedRequest] {
  const actions = Object.entries<ParsedRequest>(item);
  if (actions.length === 1) return actions[0];
  throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
}
