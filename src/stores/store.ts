import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { grantKeyOfTable } from '../grants/encryption';
import type { IndexSchema } from './schema';

/** A table whose grants give a function the permission and the table's name together. */
export abstract class Store {
  protected constructor(
    public readonly table: ITable,
    /** Environment variable that tells a function the table's name. */
    private readonly environmentName: string,
  ) {}

  /** Actions on the table itself, none on its indexes or stream. */
  protected grantTable(fn: LambdaFunction, ...actions: string[]): void {
    fn.addToRolePolicy(statement(actions, this.table.tableArn));
    fn.addEnvironment(this.environmentName, this.table.tableName);
    if (this.table.encryptionKey) grantKeyOfTable(fn, this.table.encryptionKey);
  }

  /** Reading one index. */
  protected grantIndex(fn: LambdaFunction, index: IndexSchema): void {
    fn.addToRolePolicy(statement(['Query'], `${this.table.tableArn}/index/${index.indexName}`));
  }
}

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] });
}
