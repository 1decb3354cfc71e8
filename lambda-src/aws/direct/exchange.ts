import * as http from 'node:http';
import * as https from 'node:https';

/** Address of a service. */
export interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  /** Path as it is sent. */
  readonly path: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Maximum number of sockets to one host, which is also that of the SDK. */
const MAX_SOCKETS = 50;
const AGENTS = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
};

/** Value of the `Host` header. */
export const hostOf = ({ hostname, port }: Endpoint): string => (port === undefined ? hostname : `${hostname}:${port}`);

/**
 * Sends one request on a kept connection, and returns its answer.
 *
 * @throws Error if there is no answer: `TimeoutError` after `timeoutMs`
 */
export function exchange(
  { protocol, hostname, port, path }: Endpoint,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = protocol === 'http:' ? http : https;
    const agent = AGENTS[protocol as keyof typeof AGENTS];
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(
      { hostname, port, path, agent, method: 'POST', headers: { ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    const timer = setTimeout(() => sent.destroy(timeout(timeoutMs)), timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    sent.on('error', fail);
    sent.end(body);
  });
}

const timeout = (ms: number): Error => Object.assign(new Error(`no answer within ${ms} ms`), { name: 'TimeoutError' });
