import { applyTable, removeTable, tableNames, tableProblem } from './apply-table';
import { createTable, type Execute } from './create-table';
import type { DynamoDbEndpoint } from './types';

/** Creates methods for tables. They use API calls, so that they are the same for every engine. */
export function tableMethods(
  execute: Execute,
): Pick<DynamoDbEndpoint, 'createTable' | 'applyTable' | 'tableProblem' | 'removeTable' | 'tableNames'> {
  return {
    createTable: (properties) => createTable(execute, properties),
    applyTable: (properties) => applyTable(execute, properties),
    tableProblem: (properties) => tableProblem(execute, properties),
    removeTable: (tableName) => removeTable(execute, tableName),
    tableNames: () => tableNames(execute),
  };
}
