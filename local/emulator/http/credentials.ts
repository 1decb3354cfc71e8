import { randomBytes } from 'node:crypto';

/** Credentials in the format of AWS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Session token. Only functions have one, because on AWS their credentials are those of a role. */
  readonly sessionToken?: string;
}

/** Owner of credentials. */
export interface Caller {
  /** Physical name of a function, or {@link RUN}. */
  readonly name: string;
  readonly credentials: Credentials;
}

/** The caller for all programs of the developer: the console, the command line, tests. */
export const RUN = 'run';

/** The credentials that a run has issued. The run's services accept no other credentials. */
export class CredentialBook {
  private readonly callers = new Map<string, Caller>();
  /** Credentials of {@link RUN}. They have no session token, because not all tools accept one. */
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
