import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Verdict } from '../http';
import type { Blobs, StateSlot } from '../state';
import { type Clock, type LogSink, systemClock } from '../types';
import { checkAuthorization } from './authorization';
import { Bucket } from './bucket';
import { BucketsState } from './bucket-state';
import { type CorsRule, corsHeaders } from './cors';
import { accessDenied, noSuchBucket, S3Error } from './errors';
import { listObjects } from './listing';
import { deleteObject, getObject, putObject } from './object-operations';
import { readObject } from './request-body';
import { effectiveHeaders, parseTarget, type Reply, type S3Request } from './s3-request';
import { abortUpload, completeUpload, createUpload, uploadPart } from './upload-operations';
import { xmlDocument } from './xml';

export interface S3ServiceOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Storage of objects. @default - in memory only */
  readonly state?: { readonly slot: StateSlot; readonly blobs: Blobs };
}

type Operation = (request: S3Request) => Reply | Promise<Reply>;

/** Operations on an object by method and the query parameter that selects one; `''` is the plain one. */
const OBJECT_OPERATIONS = new Map<string, Operation>([
  ['PUT', putObject],
  ['GET', getObject],
  ['HEAD', getObject],
  ['DELETE', deleteObject],
  ['POST uploads', createUpload],
  ['PUT uploadId', uploadPart],
  ['POST uploadId', completeUpload],
  ['DELETE uploadId', abortUpload],
]);

const BUCKET_OPERATIONS = new Map<string, Operation>([
  ['GET list-type', ({ bucket, query }) => xmlReply(200, listObjects(bucket, query))],
  ['HEAD', () => ({ status: 200 })],
]);

/** Query parameters that select an operation. */
const SELECTORS = [
  ...[
    'uploads',
    'uploadId',
    'list-type',
    'acl',
    'attributes',
    'cors',
    'delete',
    'encryption',
    'legal-hold',
    'lifecycle',
  ],
  ...['location', 'logging', 'notification', 'object-lock', 'policy', 'replication', 'restore', 'retention', 'select'],
  ...['tagging', 'torrent', 'versioning', 'versions', 'website'],
];

/** Buckets in memory behind the S3 REST API, path style. */
export class S3Service {
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
   * Creates a bucket with the objects that a bucket of its name had in an earlier run; an existing bucket gets the new settings.
   *
   * @throws StateError for an object whose bytes are missing
   */
  public createBucket(name: string, { cors = [] }: { readonly cors?: readonly CorsRule[] } = {}): void {
    const known = this.buckets.get(name);
    if (known) known.cors = cors;
    else this.buckets.set(name, new Bucket(name, cors, this.state?.keeperOf(name), this.state?.objectsOf(name)));
  }

  /** Removes all other buckets. @returns the removed buckets, with the number of their objects */
  public retainBuckets(names: ReadonlySet<string>): { readonly name: string; readonly objects: number }[] {
    const gone = [...this.buckets.values()].filter(({ name }) => !names.has(name));
    for (const { name } of gone) this.buckets.delete(name);
    return this.state?.retain(names) ?? gone.map(({ name, size: objects }) => ({ name, objects }));
  }

  /** @param signature result of verifying the whole request, because a prefix of its path may have been removed since */
  public async handleRequest(req: IncomingMessage, res: ServerResponse, signature: Verdict): Promise<void> {
    const requestId = this.newId();
    res.setHeader('x-amz-request-id', requestId);
    res.setHeader('server', 'AmazonS3');
    try {
      send(req, res, await this.answer(req, res, signature));
    } catch (error) {
      send(req, res, this.errorReply(error, req, requestId));
    }
  }

  private answer(req: IncomingMessage, res: ServerResponse, signature: Verdict): Reply | Promise<Reply> {
    const { bucketName, key, query } = parseTarget(req.url ?? '/');
    const bucket = this.buckets.get(bucketName);
    if (bucket && req.method === 'OPTIONS') return preflight(req, bucket);
    if (bucket) addCors(req, res, bucket);
    const now = this.clock.now();
    checkAuthorization(query, signature, now);
    if (!bucket) throw noSuchBucket(bucketName);
    const method = req.method ?? 'GET';
    const operation = this.operationOf(method, key, query);
    return operation({
      method,
      bucket,
      key,
      query,
      headers: effectiveHeaders(req.headers, query),
      now,
      newId: this.newId,
      body: () => readObject(req),
    });
  }

  private operationOf(method: string, key: string, query: URLSearchParams): Operation {
    const selector = SELECTORS.find((name) => query.has(name));
    const name = selector ? `${method} ${selector}` : method;
    const operation = (key === '' ? BUCKET_OPERATIONS : OBJECT_OPERATIONS).get(name);
    if (operation) return operation;
    const what = `${name} of ${key === '' ? 'a bucket' : 'an object'}`;
    this.options.log({ source: 's3', level: 'error', message: `the local run does not offer S3 ${what}` });
    throw new S3Error('NotImplemented', 501, `The local run does not offer ${what}.`);
  }

  private errorReply(error: unknown, req: IncomingMessage, requestId: string): Reply {
    const known =
      error instanceof S3Error
        ? error
        : new S3Error('InternalError', 500, 'We encountered an internal error. Please try again.');
    if (known !== error) {
      const detail = error instanceof Error ? error.stack : String(error);
      this.options.log({ source: 's3', level: 'error', message: 'a request failed', detail });
    }
    const resource = (req.url ?? '/').split('?')[0];
    const elements = {
      Code: known.code,
      Message: known.message,
      ...known.details,
      Resource: resource,
      RequestId: requestId,
    };
    return xmlReply(known.status, xmlDocument('Error', elements));
  }
}

function xmlReply(status: number, document: string): Reply {
  return { status, headers: { 'content-type': 'application/xml' }, data: Buffer.from(document) };
}

function preflight({ headers }: IncomingMessage, { cors }: Bucket): Reply {
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
  return { status: 200, headers: allowed };
}

function addCors(req: IncomingMessage, res: ServerResponse, { cors }: Bucket): void {
  const { origin } = req.headers;
  const allowed = origin === undefined ? undefined : corsHeaders(cors, { origin, method: req.method ?? 'GET' });
  for (const [name, value] of Object.entries(allowed ?? {})) res.setHeader(name, value);
}

function send(req: IncomingMessage, res: ServerResponse, { status, headers, data = Buffer.alloc(0) }: Reply): void {
  if (res.destroyed) return;
  const withBody = status !== 204 && status !== 304;
  res.writeHead(status, { ...headers, ...(withBody && { 'content-length': data.length }) });
  res.end(withBody && req.method !== 'HEAD' ? data : undefined);
}
