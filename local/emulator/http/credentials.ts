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
  /** Id of the function's environment; absent for {@link RUN}. */
  readonly environment?: string;
}

/** Separates a function's session token and the id of one of its environments, which together are the environment's session token. */
const ENVIRONMENT = '/';

/** Returns the session token of one environment of a function. As on AWS, each environment has a different one. */
export const environmentToken = (sessionToken: string, environment: string): string =>
  `${sessionToken}${ENVIRONMENT}${environment}`;

/**
 * Returns the owner of credentials if a request has the right session token.
 *
 * @param token session token of the request
 */
export function callerWith(caller: Caller | undefined, token: string | undefined): Caller | undefined {
  const known = caller?.credentials.sessionToken;
  if (!caller || known === token) return caller;
  const prefix = `${known}${ENVIRONMENT}`;
  if (known === undefined || !token?.startsWith(prefix)) return undefined;
  return { ...caller, environment: token.slice(prefix.length) };
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
