/** The properties of a table in a template that an update must not change. */
interface Table {
  readonly Properties: {
    readonly TableName?: unknown;
    readonly KeySchema: unknown;
    readonly AttributeDefinitions: { readonly AttributeName: string; readonly AttributeType: string }[];
    readonly LocalSecondaryIndexes?: unknown;
    readonly GlobalSecondaryIndexes?: {
      readonly IndexName: string;
      readonly KeySchema: unknown;
      readonly Projection: unknown;
    }[];
    readonly StreamSpecification?: unknown;
  };
}

export interface Tables {
  readonly [logicalId: string]: Table;
}

/**
 * Returns the changes by which an update from one template to another would lose data. These are tables that CloudFormation would remove or replace,
 * indexes that it would build again, and streams that it cannot change in place. A new index or table is not a loss.
 */
export function losses(before: Tables, after: Tables): string[] {
  return Object.entries(before).flatMap(([logicalId, table]) => {
    const next = after[logicalId];
    return next ? lossesOf(logicalId, table, next) : [`${logicalId} is gone`];
  });
}

/** Properties that CloudFormation cannot change without replacing the table, or cannot change at all. */
const FIXED = ['TableName', 'KeySchema', 'LocalSecondaryIndexes', 'StreamSpecification'] as const;

function lossesOf(logicalId: string, { Properties: before }: Table, { Properties: after }: Table): string[] {
  const changed = FIXED.filter((name) => !same(before[name], after[name]));
  const types = before.AttributeDefinitions.filter(
    (attribute) => !after.AttributeDefinitions.some((each) => same(each, attribute)),
  );
  const indexes = (before.GlobalSecondaryIndexes ?? []).filter(
    (index) => !(after.GlobalSecondaryIndexes ?? []).some((each) => same(each, index)),
  );
  return [
    ...changed.map((name) => `${logicalId}: ${name} changes`),
    ...types.map(({ AttributeName }) => `${logicalId}: the attribute ${AttributeName} changes`),
    ...indexes.map(({ IndexName }) => `${logicalId}: the index ${IndexName} changes`),
  ];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
