import { randomUUID } from 'node:crypto';
import type { AwsService, Refusal, ServiceRequest, ServiceResponse } from '../http';
import type { Blobs, StateSlot } from '../state';
import { type Clock, type LogSink, systemClock } from '../types';
import { checkAuthorization } from './authorization';
import { Bucket } from './bucket';
import { BucketsState } from './bucket-state';
import { type CorsRule, corsHeaders } from './cors';
import { accessDenied, noSuchBucket, refusalError, S3Error } from './errors';
import { type Operation, selectOperation } from './operations';
import { decodeBody, MAX_BODY_BYTES } from './request-body';
import { effectiveHeaders, parseTarget, type Reply, type Target, xmlReply } from './s3-request';
import { xmlDocument } from './xml';

export interface S3ServiceOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Persistent storage of objects. @default - only in memory */
  readonly state?: { readonly slot: StateSlot; readonly blobs: Blobs };
}

/** The buckets of a run in memory, with the S3 REST API and path-style addresses. */
export class S3Service {
  /** The API of the service, for an entry point. Web pages of any origin may use presigned URLs, if CORS allows it. */
  public readonly api: AwsService = {
    name: 's3',
    maxBodyBytes: MAX_BODY_BYTES,
    access: 'any-page',
    refusesSignatures: true,
    requestIdHeader: 'x-amz-request-id',
    actionOf: (request) => `s3:${actionOf(request)}`,
    handle: (request) => this.handle(request),
    refuse: (refusal, request) => this.refuse(refusal, request),
  };
  private readonly buckets = new Map<string, Bucket>();
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly state: BucketsState | undefined;

  public constructor(private readonly options: S3ServiceOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    this.state = options.state && new BucketsState(options.state.slot, options.state.blobs);
  }

  /**
   * Creates a bucket. If an earlier run had a bucket with this name, it contains that bucket's objects. If the bucket
   * exists, only its settings change.
   *
   * @throws StateError if the bytes of an object are missing
   */
  public createBucket(name: string, { cors = [] }: { readonly cors?: readonly CorsRule[] } = {}): void {
    const known = this.buckets.get(name);
    if (known) known.cors = cors;
    else this.buckets.set(name, new Bucket(name, cors, this.state?.keeperOf(name), this.state?.objectsOf(name)));
  }

  /**
   * Removes all other buckets.
   *
   * @returns the removed buckets, with their numbers of objects
   */
  public retainBuckets(names: ReadonlySet<string>): { readonly name: string; readonly objects: number }[] {
    const gone = [...this.buckets.values()].filter(({ name }) => !names.has(name));
    for (const { name } of gone) this.buckets.delete(name);
    return this.state?.retain(names) ?? gone.map(({ name, size: objects }) => ({ name, objects }));
  }

  /** Returns the bytes of the object with this key in any bucket; undefined if there is none. For programs in the process of the run. */
  public find(key: string): Buffer | undefined {
    for (const bucket of this.buckets.values()) {
      const object = bucket.get(key);
      if (object) return object.data;
    }
    return undefined;
  }

  private handle(request: ServiceRequest): ServiceResponse {
    try {
      return this.answer(request, parseTarget(request.url));
    } catch (error) {
      if (error instanceof S3Error) return this.errorResponse(error, request);
      throw error;
    }
  }

  private answer(request: ServiceRequest, target: Target): ServiceResponse {
    const { bucketName, key, query } = target;
    const bucket = this.buckets.get(bucketName);
    const { method, headers, body, verdict } = request;
    if (bucket && method === 'OPTIONS') return preflight(request, bucket);
    const now = this.clock.now();
    checkAuthorization(query, verdict, now);
    if (!bucket) throw noSuchBucket(bucketName);
    const { run } = this.operationOf(method, target);
    const reply = run({
      method,
      bucket,
      key,
      query,
      headers: effectiveHeaders(headers, query),
      now,
      newId: this.newId,
      body: () => decodeBody(body, headers),
    });
    return withHeaders(reply, this.corsOf(request));
  }

  private operationOf(method: string, { key, query }: Target): Operation {
    const { name, operation } = selectOperation(method, key, query);
    if (operation) return operation;
    this.options.log({ source: 's3', level: 'error', message: `the local run does not offer S3 ${name}` });
    throw new S3Error('NotImplemented', 501, `The local run does not offer ${name}.`);
  }

  private refuse(refusal: Refusal, request: ServiceRequest): ServiceResponse {
    return this.errorResponse(refusalError(refusal), request);
  }

  private errorResponse({ code, status, message, details }: S3Error, request: ServiceRequest): ServiceResponse {
    const [Resource] = request.url.split('?', 1);
    const elements = { Code: code, Message: message, ...details, Resource, RequestId: request.id };
    return withHeaders(xmlReply(status, xmlDocument('Error', elements)), this.corsOf(request));
  }

  /** Returns headers that allow a page to read the response, even if it is an error. */
  private corsOf({ url, method, headers: { origin } }: ServiceRequest): Record<string, string> {
    const bucketName = /^\/([^/?]*)/.exec(url)?.[1] ?? '';
    const bucket = this.buckets.get(bucketName);
    return (bucket && origin !== undefined && corsHeaders(bucket.cors, { origin, method })) || {};
  }
}

function actionOf({ method, url }: ServiceRequest): string {
  const { name, operation } = selectOperation(method, keyOf(url), new URLSearchParams(url.split('?')[1]));
  return operation?.action ?? name;
}

const keyOf = (url: string): string => /^\/[^/?]*\/?([^?]*)/.exec(url)?.[1] ?? '';

function preflight({ headers }: ServiceRequest, { cors }: Bucket): ServiceResponse {
  const asked = String(headers['access-control-request-headers'] ?? '');
  const allowed = corsHeaders(cors, {
    origin: headers.origin ?? '',
    method: String(headers['access-control-request-method'] ?? ''),
    headers: asked
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  });
  if (!allowed) throw accessDenied('CORSResponse: This CORS request is not allowed.');
  return withHeaders({ status: 200 }, allowed);
}

function withHeaders({ status, headers, data }: Reply, more: Readonly<Record<string, string>>): ServiceResponse {
  return { status, headers: { server: 'AmazonS3', ...more, ...headers }, body: data };
}
