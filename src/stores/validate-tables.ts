import { RemovalPolicy } from 'aws-cdk-lib';
import type { IStreamerTables, StreamerTablesProps } from '../options/streamer-tables-options';
import { reject } from '../validation/errors';
import type { PropNames } from '../validation/known-props';
import { validateBoolean, validateKey, validateObject, validateOneOf } from '../validation/rules';
import { TABLE_NAMES } from './schema';

/** Names of the properties of tables that are created. */
export const TABLES_PROPS: PropNames<StreamerTablesProps> = {
  removalPolicy: true,
  deletionProtection: true,
  pointInTimeRecovery: true,
  encryptionKey: true,
};

/** Refuses what cannot be four tables. How those of this app are made is looked at at the end of synthesis. */
export function validateTables(tables: IStreamerTables): void {
  validateObject(
    'tables',
    tables,
    'be an object of four tables',
    'Use `new StreamerTables(…)` or `StreamerTables.fromTables({ … })`',
  );
  TABLE_NAMES.forEach((name, at) => {
    const prop = `tables.${name}`;
    if (typeof tables[name]?.tableArn !== 'string') reject(prop, 'be a table of DynamoDB', tables[name]);
    const same = TABLE_NAMES.slice(0, at).find((earlier) => tables[earlier].tableArn === tables[name].tableArn);
    if (same) reject(prop, `be another table than \`tables.${same}\``, 'the same one');
  });
  if (tables.requests.tableStreamArn === undefined) {
    reject(
      'tables.requests',
      'have a stream',
      'none',
      'Where the table is imported, use `TableV2.fromTableAttributes` with its `tableStreamArn`',
    );
  }
}

/** Refuses what cannot be said of tables that are to be made, by an API or apart from it. */
export function validateTablesProps(props: StreamerTablesProps): void {
  validateObject('props', props, 'be an object');
  validateOneOf('removalPolicy', props.removalPolicy, RemovalPolicy, 'RemovalPolicy.RETAIN');
  validateBoolean('deletionProtection', props.deletionProtection);
  validateBoolean('pointInTimeRecovery', props.pointInTimeRecovery);
  validateKey('encryptionKey', props.encryptionKey);
}
