export {
  type BulkOptions,
  type BulkReport,
  type BulkStep,
  type OperatorMessage,
  type PageOptions,
  type RequestFilter,
  type RequestOperations,
  type RequestPage,
  type RequestReport,
  timeOf,
} from '../../lambda-src/flows/operations';
export { type ApiTables, apisOf } from './api-tables';
export { connectOperations } from './connect';
export { findStack } from './stack';
