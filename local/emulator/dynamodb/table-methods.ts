import { applyTable, removeTable, tableNames, tableProblem } from './apply-table';
import { createTable, type Execute } from './create-table';
import type { DynamoDbEndpoint } from './types';

/** Creates methods for tables. The methods use API calls, so that the same code works with every engine. */
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
