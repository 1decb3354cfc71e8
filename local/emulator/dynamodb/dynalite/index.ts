/// <reference path="./dynalite.d.ts" />

/**
 * The only module that imports dynalite. The emulator uses dynalite's request schemas, expression parsers and key
 * encoding, and three of its actions.
 */
import queryAction from 'dynalite/actions/query';
import scanAction from 'dynalite/actions/scan';
import updateItemAction from 'dynalite/actions/updateItem';
import db from 'dynalite/db';
import validations from 'dynalite/validations';
import batchGetItem from 'dynalite/validations/batchGetItem';
import batchWriteItem from 'dynalite/validations/batchWriteItem';
import createTable from 'dynalite/validations/createTable';
import deleteItem from 'dynalite/validations/deleteItem';
import deleteTable from 'dynalite/validations/deleteTable';
import describeTable from 'dynalite/validations/describeTable';
import getItem from 'dynalite/validations/getItem';
import listTables from 'dynalite/validations/listTables';
import putItem from 'dynalite/validations/putItem';
import query from 'dynalite/validations/query';
import scan from 'dynalite/validations/scan';
import updateItem from 'dynalite/validations/updateItem';
import updateTable from 'dynalite/validations/updateTable';

export { db, queryAction, scanAction, updateItemAction, validations };

export const schemas = {
  batchGetItem,
  batchWriteItem,
  createTable,
  deleteItem,
  deleteTable,
  describeTable,
  getItem,
  listTables,
  putItem,
  query,
  scan,
  updateItem,
  updateTable,
};
