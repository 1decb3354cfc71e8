import { applyTable, removeTable, tableNames, tableProblem } from './apply-table';
import { createTable, type Execute } from './create-table';
import type { DynamoDbEndpoint } from './types';

/** What an endpoint does with tables, through the API, so that every engine does it the same way. */
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
