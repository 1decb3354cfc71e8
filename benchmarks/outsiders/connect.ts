import { once } from 'node:events';
import WebSocket from 'ws';
import type { LocalRun } from '../../local/run';

/** Opens a plain WebSocket connection for a user of the given tenant. */
export async function connect(run: LocalRun, tenant: string, sub = 'viewer'): Promise<WebSocket> {
  if (!run.url || !run.issuer) throw new Error('the application has no WebSocket API with tokens');
  const token = await run.issuer.issueToken({ sub, tenant });
  const socket = new WebSocket(run.url, ['streamer.v1'], { headers: { Authorization: `Bearer ${token}` } });
  socket.on('message', () => undefined);
  await once(socket, 'open');
  return socket;
}
