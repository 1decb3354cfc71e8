import { listObjects } from './listing';
import { deleteObject, getObject, putObject } from './object-operations';
import { type Reply, type S3Request, xmlReply } from './s3-request';
import { abortUpload, completeUpload, createUpload, uploadPart } from './upload-operations';

export interface Operation {
  /** Name of the action in IAM policies, without the service. */
  readonly action: string;
  run(request: S3Request): Reply;
}

/** Operations on an object. The key is the method, followed by the query parameter if there is one. */
const OBJECT_OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['PUT', { action: 'PutObject', run: putObject }],
  ['GET', { action: 'GetObject', run: getObject }],
  ['HEAD', { action: 'GetObject', run: getObject }],
  ['DELETE', { action: 'DeleteObject', run: deleteObject }],
  ['POST uploads', { action: 'PutObject', run: createUpload }],
  ['PUT uploadId', { action: 'PutObject', run: uploadPart }],
  ['POST uploadId', { action: 'PutObject', run: completeUpload }],
  ['DELETE uploadId', { action: 'AbortMultipartUpload', run: abortUpload }],
]);

const BUCKET_OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['GET list-type', { action: 'ListBucket', run: ({ bucket, query }) => xmlReply(200, listObjects(bucket, query)) }],
  ['HEAD', { action: 'ListBucket', run: () => ({ status: 200 }) }],
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

/** Returns the operation of a request and its name in messages. */
export function selectOperation(
  method: string,
  key: string,
  query: URLSearchParams,
): { readonly name: string; readonly operation: Operation | undefined } {
  const selector = SELECTORS.find((parameter) => query.has(parameter));
  const selected = selector ? `${method} ${selector}` : method;
  const [operations, subject] = key === '' ? [BUCKET_OPERATIONS, 'a bucket'] : [OBJECT_OPERATIONS, 'an object'];
  return { name: `${selected} of ${subject}`, operation: operations.get(selected) };
}
