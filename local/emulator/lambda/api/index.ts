export { type InvocableFunction, LambdaApi, type LambdaApiOptions } from './lambda-api';
