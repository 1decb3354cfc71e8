export { FunctionNotFoundError, LambdaHost, RequestTooLargeError } from './lambda-host';
export { findNode, nodeMajor } from './node-binary';
export { type EnvironmentInfo, type FunctionSpec, LAMBDA_LIMITS, type LambdaHostOptions } from './types';
export type { FunctionCredentials } from './variables';
