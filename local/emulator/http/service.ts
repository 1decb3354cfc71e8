import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from './access';
import type { Caller } from './credentials';
import type { SignatureFault, Verdict } from './signatures';

/** A request to an AWS service with its body and with the result of the signature check. */
export interface ServiceRequest {
  readonly id: string;
  readonly method: string;
  /** Path and query without the path of the service. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Body of the request; empty if the request is refused before its body is read. */
  readonly body: Buffer;
  readonly verdict: Verdict;
  /** Signal that is aborted when the client closes the connection before the response. */
  readonly signal: AbortSignal;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/**
 * Reasons why the entry point refuses a request.
 *
 * - `too-large`: the body exceeds the service's limit
 * - `signature`: the signature is missing or invalid
 * - `access-denied`: the access check does not allow the action
 * - `throttled`, `failure`: a fault was injected, or the service threw an error
 */
export type RefusalReason = 'too-large' | 'signature' | 'access-denied' | 'throttled' | 'failure';

/**
 * A refused request. It contains the error name and the HTTP status that most services use. A service may replace both
 * with its own.
 */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** An AWS service that an entry point serves. */
export interface AwsService {
  /** Name in signatures and in log lines, such as `sqs`. It is also the prefix of the service's actions. */
  readonly name: string;
  /** Maximum size of a request body in bytes. */
  readonly maxBodyBytes: number;
  /** Web pages that may send requests. @default 'programs' */
  readonly access?: Access;
  /**
   * Whether the service refuses invalid signatures itself. It then receives such requests without their body. @default
   * false
   */
  readonly refusesSignatures?: boolean;
  /** Response header with the request id. @default 'x-amzn-requestid' */
  readonly requestIdHeader?: string;
  /** Returns the action of a request as in an IAM policy, such as `sqs:SendMessage`. */
  actionOf(request: ServiceRequest): string;
  handle(request: ServiceRequest): ServiceResponse | Promise<ServiceResponse>;
  /** Returns the response for a refused request in the service's protocol. */
  refuse(refusal: Refusal, request: ServiceRequest): ServiceResponse;
}

/** An action that a caller requests. */
export interface ServiceCall {
  /** Name of the service. */
  readonly service: string;
  readonly action: string;
  readonly caller: Caller;
  readonly request: ServiceRequest;
}

/** Decides whether a caller may perform an action. */
export type AccessCheck = (call: ServiceCall) => boolean | Promise<boolean>;

/** Error names and statuses with which AWS's services refuse signatures. */
const SIGNATURE_ERRORS: Readonly<Record<SignatureFault, { readonly status: number; readonly code: string }>> = {
  missing: { status: 403, code: 'MissingAuthenticationTokenException' },
  malformed: { status: 400, code: 'IncompleteSignatureException' },
  'unknown-key': { status: 403, code: 'UnrecognizedClientException' },
  'wrong-service': { status: 403, code: 'InvalidSignatureException' },
  expired: { status: 403, code: 'InvalidSignatureException' },
  mismatch: { status: 403, code: 'InvalidSignatureException' },
  'wrong-body': { status: 403, code: 'InvalidSignatureException' },
};

export type InvalidVerdict = Extract<Verdict, { readonly valid: false }>;

export const refusals = {
  tooLarge: (): Refusal => ({
    reason: 'too-large',
    status: 413,
    code: 'RequestEntityTooLargeException',
    message: 'The request is too large.',
  }),
  signature: ({ fault, message }: InvalidVerdict): Refusal => ({
    reason: 'signature',
    ...SIGNATURE_ERRORS[fault],
    message,
  }),
  accessDenied: ({ caller, action }: ServiceCall): Refusal => ({
    reason: 'access-denied',
    status: 400,
    code: 'AccessDeniedException',
    message: `User: ${caller.name} is not authorized to perform: ${action}`,
  }),
  throttled: (): Refusal => ({
    reason: 'throttled',
    status: 400,
    code: 'ThrottlingException',
    message: 'Rate exceeded',
  }),
  failure: (status = 500): Refusal => ({
    reason: 'failure',
    status,
    code: status === 503 ? 'ServiceUnavailable' : 'InternalFailure',
    message: 'Internal failure.',
  }),
};
