export { type Access, accessRefusal } from './access';
export { type JsonObject, parseJsonObject, readBody } from './body';
export { type Caller, CredentialBook, type Credentials, RUN } from './credentials';
export { type HostRule, hostRule, isLoopback, isLoopbackOrigin, loopbackOnly } from './hosts';
export { answerRefusal, type Door, guardedServer } from './server';
export { signedHeaders } from './sign';
export { Signatures, type Verdict } from './signatures';
export { admitSigned, type InvalidVerdict, signatureError } from './signed-door';
