import WebSocket from 'ws';
import { type CancelResult, StreamerClient, StreamerError } from '../../../client-sdks/typescript/src';
import { oneLine } from '../../emulator/text/printable';
import { type CliIo, DONE, FAILED } from '../command';
import { INTERRUPTED } from '../shutdown';
import { firstConnection, Interrupted } from './follow';
import { findTarget, type TargetOptions } from './target';

export interface CancelOptions extends TargetOptions {
  readonly id: string;
  readonly reason?: string;
  readonly json: boolean;
}

/** Cancels a request of the user. @returns the exit code */
export async function cancel({ id, reason, json, ...target }: CancelOptions, io: CliIo): Promise<number> {
  const { url, token } = await findTarget(target, io.cwd);
  const client = new StreamerClient(url, { token, webSocket: WebSocket as never });
  const { signal } = io.shutdown();
  try {
    await firstConnection(client, url, { signal });
    const result = await client.cancel(id, reason);
    io.write(json ? JSON.stringify(result) : describe(result));
    return DONE;
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED;
    if (!(error instanceof StreamerError)) throw error;
    const { code, message } = error;
    if (json) io.write(oneLine(JSON.stringify({ error: { code, message } })));
    else io.tell(`error: ${oneLine(code)}: ${oneLine(message)}`);
    return FAILED;
  } finally {
    client.close();
    io.shutdown().dispose();
  }
}

function describe({ id, status }: CancelResult): string {
  if (status === 'CANCELLED') return `${oneLine(id)} is cancelled`;
  if (status === 'RUNNING') return `${oneLine(id)} is being cancelled: its handler was notified`;
  return `${oneLine(id)} had ended before: ${status}`;
}
