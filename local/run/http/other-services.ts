import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from '../../emulator/http';
import type { LogSink } from '../../emulator/types';

/**
 * Refuses calls to AWS services that the run does not emulate, and logs them. Such calls must neither reach AWS nor
 * disappear without a message.
 */
export function otherServices(callerOf: (accessKeyId: string) => string | undefined, log: LogSink): RequestHandler {
  return (req, res) => {
    const { service, accessKeyId } = scopeOf(req);
    const operation = String(req.headers['x-amz-target'] ?? `${req.method} ${(req.url ?? '/').split('?', 1)[0]}`);
    const message = `${service} (${operation}) is not emulated by the local run`;
    log({ source: callerOf(accessKeyId) ?? 'run', level: 'warn', message });
    refuse(res, message);
  };
}

/** Reads the scope from the header `AWS4-HMAC-SHA256 Credential=<key id>/<date>/<region>/<service>/aws4_request, …`. */
function scopeOf(req: IncomingMessage): { service: string; accessKeyId: string } {
  const [accessKeyId = '', , , service = 'an AWS service'] =
    /Credential=([^,\s]+)/.exec(req.headers.authorization ?? '')?.[1]?.split('/') ?? [];
  return { service, accessKeyId };
}

function refuse(res: ServerResponse, message: string): void {
  const name = 'NotImplementedException';
  res.writeHead(501, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': name });
  res.end(JSON.stringify({ __type: name, message }));
}
