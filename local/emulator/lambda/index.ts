export { defaultEnvironments } from './capacity';
export type { ClockFault } from './clock-fault';
export { FunctionNotFoundError, LambdaHost, RequestTooLargeError } from './lambda-host';
export { findNode, nodeMajor } from './node-binary';
export { findPython, type Python, pythonVersion } from './python-binary';
export {
  type EnvironmentFaults,
  type EnvironmentInfo,
  type FaultyEnvironment,
  type FunctionSpec,
  INSPECTED_MS,
  type InvocationReport,
  LAMBDA_LIMITS,
  type LambdaHostOptions,
  type OutputOrigin,
} from './types';
export type { FunctionCredentials } from './variables';
