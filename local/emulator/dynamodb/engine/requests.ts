import { db, schemas, validations } from '../dynalite';
import type { FieldSchema, FieldSchemas, ParsedRequest, RequestSchema } from '../dynalite/shapes';
import { MAX_ITEM_BYTES } from './sizes';

const limits = { options: { maxItemSize: MAX_ITEM_BYTES } };

const returnOnFailure: FieldSchema = { type: 'String', enum: ['ALL_OLD', 'NONE'] };

/** Dynalite's schemas with newer fields that they do not contain. */
export const singleWrites = {
  put: withFields(schemas.putItem, { ReturnValuesOnConditionCheckFailure: returnOnFailure }),
  update: withFields(schemas.updateItem, { ReturnValuesOnConditionCheckFailure: returnOnFailure }),
  delete: withFields(schemas.deleteItem, { ReturnValuesOnConditionCheckFailure: returnOnFailure }),
};

/**
 * Copies and checks the known fields, then parses the expressions.
 *
 * @throws ValidationException or another error of the request
 */
export function parse(input: ParsedRequest, schema: RequestSchema): ParsedRequest {
  const data = validations.checkTypes(input, schema.types);
  validations.checkValidations(data, schema.types, schema.custom, limits);
  return data;
}

/**
 * Applies only a schema's custom rule for expressions and item size. It is used for one part of a request, after the
 * types of the part's fields were checked.
 */
export function parseMember(data: ParsedRequest, schema: RequestSchema): ParsedRequest {
  validations.checkValidations(data, {}, schema.custom, limits);
  return data;
}

/** Throws the error that a check of dynalite returned. */
export function assertValid(problem: Error | null | undefined): void {
  if (problem) throw problem;
}

/**
 * Returns the key of an item in its table's map.
 *
 * @throws ValidationException if the item's key does not match the key schema
 */
export function keyOf(key: ParsedRequest, table: Parameters<typeof db.validateKey>[1]): string {
  assertValid(db.validateKey(key, table));
  return db.createKey(key, table);
}

export function withFields(schema: RequestSchema, fields: FieldSchemas): RequestSchema {
  return { types: { ...schema.types, ...fields }, custom: schema.custom };
}

export const tableNameField = schemas.putItem.types.TableName as FieldSchema;
export const capacityField = schemas.putItem.types.ReturnConsumedCapacity as FieldSchema;
