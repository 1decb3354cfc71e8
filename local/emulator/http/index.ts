export { type Access, accessRefusal } from './access';
export {
  AwsJsonError,
  type AwsJsonOptions,
  awsJsonService,
  type Fields,
  type JsonOperation,
} from './aws-json';
export { type JsonObject, parseJsonObject, readBody } from './body';
export { type Caller, CredentialBook, type Credentials, environmentToken, RUN } from './credentials';
export {
  EntryPoint,
  type EntryPointOptions,
  type RequestHandler,
  type ServedService,
  serveAlone,
  type UpgradeHandler,
} from './entry-point';
export { type Fault, type FaultHook, type FaultOptions, Faults } from './faults';
export { type HostRule, hostRule, isLoopback, isLoopbackOrigin, loopbackOnly } from './hosts';
export { answerRefusal, type Door, guardedServer } from './server';
export type {
  AccessCheck,
  AwsService,
  InvalidVerdict,
  Refusal,
  RefusalReason,
  ServiceCall,
  ServiceRequest,
  ServiceResponse,
} from './service';
export { signedHeaders } from './sign';
export { anySignature, Signatures, type Verdict, type Verifier } from './signatures';
