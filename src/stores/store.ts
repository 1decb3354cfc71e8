import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, type StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { NUMBER_KEYS, TTL_ATTRIBUTE } from '../contract';

/** Properties that the tables share. */
export interface StoreProps {
  readonly removalPolicy: RemovalPolicy;
}

export interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export interface IndexSchema extends KeySchema {
  readonly indexName: string;
}

interface TableProps extends StoreProps {
  readonly key: KeySchema;
  readonly indexes?: readonly IndexSchema[];
  readonly stream?: StreamViewType;
  /** Environment variable that tells a function the table's name. */
  readonly environmentName: string;
}

/** A table whose grants give a function the permission and the table's name together. */
export abstract class Store extends Construct {
  public readonly table: TableV2;
  private readonly environmentName: string;

  protected constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.environmentName = props.environmentName;
    this.table = new TableV2(this, 'Table', {
      ...keyAttributes(props.key),
      billing: Billing.onDemand(),
      globalSecondaryIndexes: props.indexes?.map((index) => ({
        indexName: index.indexName,
        ...keyAttributes(index),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      dynamoStream: props.stream,
      timeToLiveAttribute: TTL_ATTRIBUTE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: props.removalPolicy,
    });
  }

  /** Actions on the table itself, none on its indexes or stream. */
  protected grantTable(fn: LambdaFunction, ...actions: string[]): void {
    fn.addToRolePolicy(statement(actions, this.table.tableArn));
    fn.addEnvironment(this.environmentName, this.table.tableName);
  }

  /** Reading one index. */
  protected grantIndex(fn: LambdaFunction, index: IndexSchema): void {
    fn.addToRolePolicy(statement(['Query'], `${this.table.tableArn}/index/${index.indexName}`));
  }
}

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] });
}

function keyAttributes({ partitionKey, sortKey }: KeySchema) {
  return { partitionKey: keyAttribute(partitionKey), sortKey: sortKey ? keyAttribute(sortKey) : undefined };
}

function keyAttribute(name: string) {
  const isNumber = (NUMBER_KEYS as readonly string[]).includes(name);
  return { name, type: isNumber ? AttributeType.NUMBER : AttributeType.STRING };
}
