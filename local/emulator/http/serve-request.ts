import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type LogSink, systemClock } from '../types';
import { readBody } from './body';
import type { Fault, FaultHook } from './faults';
import {
  type AccessCheck,
  type AwsService,
  type Refusal,
  refusals,
  type ServiceCall,
  type ServiceRequest,
  type ServiceResponse,
} from './service';
import type { Verdict, Verifier } from './signatures';

/** Functions that all services of an entry point use. */
export interface ServiceHooks {
  /** Verifies the signature of each request. */
  readonly verifier: Verifier;
  readonly log: LogSink;
  /** Creates a request id. */
  readonly newId: () => string;
  /** Decides whether a caller may perform an action. @default - every caller may perform every action */
  readonly allows?: AccessCheck;
  /** Returns the fault for a call. @default - no faults */
  readonly faultOf?: FaultHook;
  /** Clock for delays. @default - the system's clock */
  readonly clock?: Clock;
}

const NO_BODY = Buffer.alloc(0);
const NOT_VERIFIED: Verdict = { valid: false, fault: 'missing', message: 'Missing Authentication Token' };

/**
 * Serves a request to an AWS service. It reads the body, verifies the signature, checks the caller's access, applies a
 * fault and sends the service's response.
 *
 * @param path path of the service, which is removed from the request's path
 */
export async function serveRequest(
  service: AwsService,
  hooks: ServiceHooks,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { request, refusal } = await receive(service, hooks, path, req, res);
  const response = refusal ? service.refuse(refusal, request) : await answer(service, hooks, request);
  if (response === 'drop') res.destroy();
  else send(res, response, request, service.requestIdHeader ?? 'x-amzn-requestid');
}

interface Received {
  readonly request: ServiceRequest;
  readonly refusal?: Refusal;
}

/**
 * Reads the body and verifies the signature. Most services need the body first, because the signature covers the body's
 * hash.
 */
async function receive(
  { name, maxBodyBytes, refusesSignatures }: AwsService,
  { verifier, newId }: ServiceHooks,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Received> {
  const { method = 'GET', headers } = req;
  const common = { id: newId(), method, url: below(path, req), headers, signal: hangUpOf(res) };
  const early = refusesSignatures ? await verifier.verify(req, name) : undefined;
  if (early && !early.valid) return { request: { ...common, body: NO_BODY, verdict: early } };
  const body = await readBody(req, maxBodyBytes);
  if (!body) return { request: { ...common, body: NO_BODY, verdict: NOT_VERIFIED }, refusal: refusals.tooLarge() };
  const verdict = early ?? (await verifier.verify(req, name, body));
  const request = { ...common, body, verdict };
  return verdict.valid ? { request } : { request, refusal: refusals.signature(verdict) };
}

/** Returns the path and the query of a request without a prefix. */
export function below(path: string, { url = '/' }: IncomingMessage): string {
  const rest = url.slice(path.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function hangUpOf(res: ServerResponse): AbortSignal {
  const hangUp = new AbortController();
  res.on('close', () => hangUp.abort());
  return hangUp.signal;
}

async function answer(
  service: AwsService,
  hooks: ServiceHooks,
  request: ServiceRequest,
): Promise<ServiceResponse | 'drop'> {
  const { verdict } = request;
  if (!verdict.valid) return perform(service, hooks, request);
  const call: ServiceCall = {
    service: service.name,
    action: service.actionOf(request),
    caller: verdict.caller,
    request,
  };
  if (hooks.allows && !(await hooks.allows(call))) return service.refuse(refusals.accessDenied(call), request);
  const fault = hooks.faultOf?.(call) ?? {};
  await delay(hooks.clock ?? systemClock, fault);
  if (fault.outcome === 'drop') return 'drop';
  const refusal = refusalBy(fault);
  if (refusal) return service.refuse(refusal, request);
  const response = await perform(service, hooks, request);
  return fault.outcome === 'drop-response' ? 'drop' : response;
}

async function delay(clock: Clock, { delayMs = 0 }: Fault): Promise<void> {
  if (delayMs > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, delayMs));
}

function refusalBy({ outcome, status }: Fault): Refusal | undefined {
  if (outcome === 'throttle') return refusals.throttled();
  return outcome === 'error' ? refusals.failure(status) : undefined;
}

/**
 * Calls the service. If the service throws an error, it is a defect. Its stack trace is logged, but the client does not
 * receive it.
 */
async function perform(service: AwsService, { log }: ServiceHooks, request: ServiceRequest): Promise<ServiceResponse> {
  try {
    return await service.handle(request);
  } catch (error) {
    const detail = error instanceof Error ? error.stack : String(error);
    log({ source: service.name, level: 'error', message: `${service.actionOf(request)} failed`, detail });
    return service.refuse(refusals.failure(), request);
  }
}

function send(
  res: ServerResponse,
  { status, headers, body = '' }: ServiceResponse,
  { id, method }: ServiceRequest,
  requestIdHeader: string,
): void {
  if (res.destroyed) return;
  const hasBody = status !== 204 && status !== 304;
  const length = hasBody ? { 'content-length': Buffer.byteLength(body) } : {};
  res.writeHead(status, { ...headers, [requestIdHeader]: id, ...length });
  res.end(hasBody && method !== 'HEAD' ? body : undefined);
}
