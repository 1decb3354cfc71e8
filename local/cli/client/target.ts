import { connect } from 'node:net';
import { visitorSecret } from '../../run/from-template/visitors';
import { askRun, type FoundRun, findRun } from './find-run';

const DEFAULT_USER = 'local-user';

/** The address to send requests to, and the identity of the caller. */
export interface TargetOptions {
  readonly url?: string;
  readonly token?: string;
  readonly user?: string;
  readonly tenant?: string;
}

export interface Target {
  readonly url: string;
  readonly token: () => Promise<string>;
  /** Actions of the application, if a local run reports them. */
  readonly actions?: readonly string[];
  /** Sync actions of the application. */
  readonly syncActions?: readonly string[];
  /** Address of the local run; absent for an API elsewhere. */
  readonly endpoint?: string;
}

/** Options of each command that sends requests to an API. */
export const TARGET_OPTIONS = {
  url: { type: 'string', value: 'url', help: 'ws:// or wss:// address (default: that of the local run)' },
  token: {
    type: 'string',
    value: 'text',
    help: 'token to send (default: a token of the local run for --user and --tenant)',
  },
  user: { type: 'string', value: 'name', help: `user that sends the request (default ${DEFAULT_USER})` },
  tenant: { type: 'string', value: 'name', help: 'tenant of the user (default: that of the local run)' },
} as const;

/**
 * Finds the API and the token for a request.
 *
 * @throws Error if there is no run, or if the user must specify the token
 */
export async function findTarget({ url, token, ...who }: TargetOptions, cwd: string): Promise<Target> {
  if (url !== undefined) checkAddress(url);
  if (url !== undefined && token !== undefined) return { url, token: async () => token };
  const run = url === undefined ? await findRun(cwd, { takesUrl: true }) : await runBehind(url);
  const address = url ?? run.info.url;
  if (address === undefined) throw new Error(`the app at ${run.endpoint} has no WebSocket API`);
  const { actions, syncActions } = run.info;
  return {
    url: address,
    token: token === undefined ? tokenSource(run, who) : async () => token,
    actions,
    syncActions,
    endpoint: run.endpoint,
  };
}

/** Finds the local run behind a URL. Only a run on this machine issues tokens. */
async function runBehind(url: string): Promise<FoundRun> {
  const { protocol, hostname, port, pathname } = parseUrl(url);
  const local = protocol === 'ws:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (!local)
    throw new Error(`--token must be given with --url ${url}: only a local run on this machine issues tokens`);
  const run = await askRun(`http://${hostname}:${port}`);
  if (run && pathname === '/')
    throw new Error(`--url must have the path of a stage, as in ${run.info.url}, got: ${url}`);
  if (run) return run;
  if (await isListening(hostname, Number(port || 80))) {
    throw new Error(
      `--token must be given with --url ${url}: the server there is not a local run, so it issues no tokens`,
    );
  }
  throw new Error(`nothing listens at ${url}: start the app with \`npx cdk-streamer dev\`, or correct --url`);
}

/** Checks whether a TCP port of this machine accepts connections. */
function isListening(hostname: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port });
    const end = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/**
 * Checks that an address is that of a WebSocket API.
 *
 * @throws Error for any other address, such as `http://…`
 */
function checkAddress(url: string): void {
  const { protocol } = parseUrl(url);
  if (protocol !== 'ws:' && protocol !== 'wss:') throw new Error(notWebSocket(url));
}

const notWebSocket = (url: string): string => `--url must be a ws:// or wss:// address, got: ${url}`;

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new Error(notWebSocket(url));
  }
}

/** Identity and validity of a token that the local run issues. */
export interface Who {
  readonly user?: string;
  readonly tenant?: string;
  readonly expiresInSeconds?: number;
}

/**
 * Returns a function that gets tokens from the local run.
 *
 * @throws Error if only the application knows which tokens it accepts, or if a tenant is given but the application has
 * no tenants
 */
export function tokenSource({ endpoint, info }: FoundRun, who: Who): () => Promise<string> {
  if (info.tokenPath !== undefined) return () => issuedToken(`${endpoint}${info.tokenPath}`, who);
  if (!info.visitors)
    throw new Error(
      'the app has a custom authorizer, and only the app knows which tokens are valid: pass one with --token to `request` and `attach`',
    );
  if (who.tenant !== undefined)
    throw new Error('--tenant must not be given: the app accepts visitors, which have no tenant');
  const secret = visitorSecret(who.user ?? DEFAULT_USER);
  return async () => secret;
}

async function issuedToken(url: string, { user, tenant, expiresInSeconds }: Who): Promise<string> {
  const body = JSON.stringify({ sub: user ?? DEFAULT_USER, tenant, expiresInSeconds });
  const response = await fetch(url, { method: 'POST', body });
  const { token, message } = (await response.json()) as { token?: string; message?: string };
  if (token === undefined) throw new Error(`the local run issued no token: ${message ?? response.status}`);
  return token;
}
