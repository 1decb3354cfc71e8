import type { Bucket, StoredObject } from './bucket';
import { invalidArgument } from './errors';
import { xmlDocument } from './xml';

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const MAX_KEYS = 1000;

type Row = { readonly object: StoredObject } | { readonly prefix: string };

const nameOf = (row: Row) => ('object' in row ? row.object.key : row.prefix);

/**
 * Executes ListObjectsV2. The keys are sorted. Keys with the same characters up to the first delimiter after the prefix
 * are combined into one common prefix. The continuation token is the last returned name.
 */
export function listObjects(bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = maxKeys(query);
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const rows = rollUp(bucket.list(prefix), prefix, delimiter).filter((row) => isAfter(nameOf(row), after));
  const shown = rows.slice(0, limit);
  const truncated = rows.length > shown.length;
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  return xmlDocument(
    'ListBucketResult',
    {
      Name: bucket.name,
      Prefix: encode(prefix),
      Delimiter: delimiter === '' ? undefined : encode(delimiter),
      MaxKeys: limit,
      EncodingType: query.get('encoding-type') ?? undefined,
      KeyCount: shown.length,
      IsTruncated: truncated,
      ContinuationToken: token ?? undefined,
      NextContinuationToken:
        truncated && shown.length > 0 ? Buffer.from(nameOf(shown[shown.length - 1])).toString('base64url') : undefined,
      StartAfter: query.get('start-after') ?? undefined,
      Contents: shown.filter((row) => 'object' in row).map(({ object }) => contents(object, encode)),
      CommonPrefixes: shown.filter((row) => 'prefix' in row).map((row) => ({ Prefix: encode(row.prefix) })),
    },
    S3_NAMESPACE,
  );
}

const isAfter = (name: string, after: string) =>
  after === '' || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0;

function rollUp(objects: readonly StoredObject[], prefix: string, delimiter: string): Row[] {
  const rows: Row[] = [];
  for (const object of objects) {
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      rows.push({ object });
      continue;
    }
    const common = object.key.slice(0, end + delimiter.length);
    const last = rows[rows.length - 1];
    if (!last || nameOf(last) !== common) rows.push({ prefix: common });
  }
  return rows;
}

function maxKeys(query: URLSearchParams): number {
  const value = Number(query.get('max-keys') ?? MAX_KEYS);
  if (!Number.isInteger(value) || value < 0)
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647');
  return Math.min(value, MAX_KEYS);
}

function contents({ key, data, etag, modifiedAt }: StoredObject, encode: (text: string) => string) {
  return {
    Key: encode(key),
    LastModified: new Date(modifiedAt).toISOString(),
    ETag: etag,
    Size: data.length,
    StorageClass: 'STANDARD',
  };
}
