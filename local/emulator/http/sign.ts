import { SignatureV4 } from '@smithy/signature-v4';
import { NodeHash } from './canonical-request';
import type { Credentials } from './credentials';

export interface ServiceRequest {
  readonly url: string;
  readonly service: string;
  /** Region of the signature. The run's own services accept any Region. @default 'us-east-1' */
  readonly region?: string;
  /** HTTP method. @default 'POST' */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of the request. @default '' */
  readonly body?: string;
}

/** Region in signatures. The run accepts any Region. */
const REGION = 'us-east-1';

/** Returns the headers of a signed request to one of the run's services. */
export async function signedHeaders(
  credentials: Credentials,
  { url, service, region = REGION, method = 'POST', headers = {}, body = '' }: ServiceRequest,
): Promise<Record<string, string>> {
  const { protocol, hostname, host, pathname: path, searchParams } = new URL(url);
  const uriEscapePath = service !== 's3';
  const signer = new SignatureV4({ service, region, credentials, sha256: NodeHash, uriEscapePath });
  const query = Object.fromEntries(searchParams);
  const request = { method, protocol, hostname, path, query, headers: { ...headers, host }, body };
  const { host: _host, ...signed } = (await signer.sign(request)).headers;
  return signed;
}
