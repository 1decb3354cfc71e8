import { db, schemas, validations } from '../dynalite';
import type { FieldSchema, FieldSchemas, ParsedRequest, RequestSchema } from '../dynalite/shapes';
import { MAX_ITEM_BYTES } from './sizes';

const limits = { options: { maxItemSize: MAX_ITEM_BYTES } };

const returnOnFailure: FieldSchema = { type: 'String', enum: ['ALL_OLD', 'NONE'] };

/** Schemas of dynalite, with the newer fields that it does not know. */
export const singleWrites = {
  put: withFields(schemas.putItem, { ReturnValuesOnConditionCheckFailure: returnOnFailure }),
  update: withFields(schemas.updateItem, { ReturnValuesOnConditionCheckFailure: returnOnFailure }),
  delete: withFields(schemas.deleteItem, { ReturnValuesOnConditionCheckFailure: returnOnFailure }),
};

/** Copies the known fields and checks them, then parses the expressions. @throws ValidationException and its kin */
export function parse(input: ParsedRequest, schema: RequestSchema): ParsedRequest {
  const data = validations.checkTypes(input, schema.types);
  validations.checkValidations(data, schema.types, schema.custom, limits);
  return data;
}

/** Runs only a schema's own rule (expressions, item size), for a part of a request whose types are checked already. */
export function parseMember(data: ParsedRequest, schema: RequestSchema): ParsedRequest {
  validations.checkValidations(data, {}, schema.custom, limits);
  return data;
}

/** Throws the error that a check of dynalite returned. */
export function assertValid(problem: Error | null | undefined): void {
  if (problem) throw problem;
}

/** The item's place in its table. @throws ValidationException where the key does not fit the schema */
export function keyOf(key: ParsedRequest, table: Parameters<typeof db.validateKey>[1]): string {
  assertValid(db.validateKey(key, table));
  return db.createKey(key, table);
}

export function withFields(schema: RequestSchema, fields: FieldSchemas): RequestSchema {
  return { types: { ...schema.types, ...fields }, custom: schema.custom };
}

export const tableNameField = schemas.putItem.types.TableName as FieldSchema;
export const capacityField = schemas.putItem.types.ReturnConsumedCapacity as FieldSchema;
