import { schemas } from '../dynalite';
import type { FieldSchema, FieldSchemas, ParsedRequest, RequestSchema } from '../dynalite/shapes';
import { validationError } from './errors';
import { withFields } from './requests';

const streamField: FieldSchema = {
  type: 'FieldStruct<StreamSpecification>',
  children: {
    StreamEnabled: { type: 'Boolean', notNull: true },
    StreamViewType: { type: 'String', enum: ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'] },
  },
};

export const createTableSchema: RequestSchema = {
  types: { ...schemas.createTable.types, StreamSpecification: streamField },
  custom: (data, store) => schemas.createTable.custom?.(data, store) ?? streamProblem(data),
};

/** Schema of UpdateTable. Dynalite's schema requires provisioned throughput for a new index and contains no streams. */
export const updateTableSchema: RequestSchema = {
  ...withFields(schemas.updateTable, {
    AttributeDefinitions: optional(schemas.createTable.types.AttributeDefinitions as FieldSchema),
    GlobalSecondaryIndexUpdates: onDemand(schemas.updateTable.types.GlobalSecondaryIndexUpdates as FieldSchema),
    StreamSpecification: streamField,
  }),
  custom: updateProblem,
};

/**
 * Changes that UpdateTable accepts. A request with any other field is refused, because ignoring the field would hide
 * the difference.
 */
const updatable = [
  'TableName',
  'AttributeDefinitions',
  'BillingMode',
  'GlobalSecondaryIndexUpdates',
  'StreamSpecification',
];

/**
 * Checks that UpdateTable supports all fields of the input.
 *
 * @throws ValidationException that names an unsupported field
 */
export function refuseUnknownUpdates(input: ParsedRequest): void {
  const unknown = Object.keys(input).filter((name) => input[name] != null && !updatable.includes(name));
  if (unknown.length > 0) {
    throw validationError(
      `The local DynamoDB cannot change ${unknown.join(', ')} of a table; it can only change ${updatable.slice(1).join(', ')}`,
    );
  }
}

function updateProblem(data: ParsedRequest): string | undefined {
  const { BillingMode, GlobalSecondaryIndexUpdates: updates, StreamSpecification } = data;
  if (!BillingMode && !updates?.length && !StreamSpecification) {
    return 'At least one of BillingMode, StreamSpecification or GlobalSecondaryIndexUpdates is required';
  }
  if (BillingMode === 'PROVISIONED')
    return 'The local DynamoDB has on-demand tables only; BillingMode must be PAY_PER_REQUEST';
  if (updates?.length > 1) {
    return 'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table';
  }
  if (updates?.some((update: ParsedRequest) => !update.Create && !update.Delete)) {
    return 'The local DynamoDB can create and delete an index, and nothing else, in GlobalSecondaryIndexUpdates';
  }
  return streamProblem(data);
}

function streamProblem({ StreamSpecification }: ParsedRequest): string | undefined {
  if (StreamSpecification?.StreamEnabled && !StreamSpecification.StreamViewType) {
    return 'One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true';
  }
  return undefined;
}

function onDemand(updates: FieldSchema): FieldSchema {
  const copy = structuredClone(updates);
  const actions = (copy.children as FieldSchema).children as Record<string, { children: FieldSchemas }>;
  const { children } = actions.Create;
  children.ProvisionedThroughput = optional(children.ProvisionedThroughput as FieldSchema);
  return copy;
}

function optional({ notNull, ...field }: FieldSchema): FieldSchema {
  return field;
}
