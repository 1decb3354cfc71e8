import { randomBytes } from 'node:crypto';

/** Credentials in AWS's shapes. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Session token; present for the credentials of a function, because on AWS they are those of a role. */
  readonly sessionToken?: string;
}

/** Identity of the credentials' owner. */
export interface Caller {
  /** A function's physical name, or {@link RUN}. */
  readonly name: string;
  readonly credentials: Credentials;
}

/** The caller that stands for the developer: console, command line, tests. */
export const RUN = 'run';

/** The credentials that a run issued. Its services accept no others. */
export class CredentialBook {
  private readonly callers = new Map<string, Caller>();
  /** Credentials of {@link RUN}; they have no session token, so that every tool accepts them. */
  public readonly run = issueCredentials();

  public constructor() {
    this.add(RUN, this.run);
  }

  public add(name: string, credentials: Credentials): void {
    this.callers.set(credentials.accessKeyId, { name, credentials });
  }

  public find(accessKeyId: string): Caller | undefined {
    return this.callers.get(accessKeyId);
  }
}

function issueCredentials(): Credentials {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase();
  return { accessKeyId: `AKIA${hex(8)}`, secretAccessKey: randomBytes(30).toString('base64') };
}
