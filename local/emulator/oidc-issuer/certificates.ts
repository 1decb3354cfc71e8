import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const DAY_MS = 86_400_000;
/** Validity of a certificate. Each start creates a new certificate, and no run takes this long. */
const VALID_DAYS = 90;

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
  /** PEM file with the authority's certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
}

/**
 * Creates a certificate for loopback names and addresses. A certificate authority of this run signs it. The authority's
 * private key is never written to a file, so nobody can use it to sign certificates for other names. Only the
 * authority's certificate is written to `directory`.
 */
export async function createCertificate(directory: string, now: number): Promise<ServerCertificate> {
  const validity = { notBeforeDate: new Date(now - DAY_MS), notAfterDate: new Date(now + VALID_DAYS * DAY_MS) };
  const common = { keyType: 'ec', algorithm: 'sha256', ...validity } as const;
  const authority = await generate([{ name: 'commonName', value: 'local run' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { key: server.private, cert: server.cert, caFile: writePrivately(directory, 'ca.pem', authority.cert) };
}

function writePrivately(directory: string, name: string, content: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, name);
  // An existing file would keep its mode, and might be a link.
  rmSync(file, { force: true });
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return file;
}
