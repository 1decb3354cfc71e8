import { connect } from '../../lambda-src/flows/connect/connection';
import { acceptRequest } from '../../lambda-src/flows/requests/accept';
import type { HandlerContext } from '../../lambda-src/handler';
import type { ServerMessage } from '../../lambda-src/protocol';
import { ACTION, VirtualWorld } from './world';

export interface Flood {
  readonly seed: number;
  /** Number of calls of `progress`. */
  readonly calls: number;
  /** Time in which the calls are made, in milliseconds. */
  readonly ms: number;
}

export interface FloodResult {
  /** Progress frames to the viewer. */
  readonly sends: number;
  /** Whether the last progress frame and the stored progress are those of the last call. */
  readonly isLastExact: boolean;
}

const VIEWER = { connectionId: 'c', connectedAt: 1, tenant: 't', user: 'u' };

/** Runs a handler that calls `progress` very often, with one viewer, in virtual time. */
export async function floodProgress({ seed, calls, ms }: Flood): Promise<FloodResult> {
  const frames: ServerMessage[] = [];
  const world = new VirtualWorld({
    seed,
    maxConcurrency: 5,
    handler: async (_, context) => {
      const { progress } = context as unknown as HandlerContext;
      for (let call = 1; call <= calls; call++) {
        progress(percentage(call, calls), `call ${call}`, { call });
        await world.clock.sleep(ms / calls);
      }
      return null;
    },
    post: async (_, frame) => {
      frames.push(JSON.parse(frame) as ServerMessage);
      return 'sent';
    },
  });
  const message = { type: 'request', id: 'flood', action: ACTION, input: {} } as const;
  void connect(world.deps, VIEWER).then(() => acceptRequest(world.deps, VIEWER, message, { maxAttempts: 1 }));
  await world.runToEnd(1);
  const reports = frames.filter((frame) => frame.type === 'progress');
  const { percentage: shown, message: text, metadata } = reports.at(-1) ?? {};
  const isLastExact = shown === 100 && text === `call ${calls}` && metadata?.call === calls;
  return { sends: reports.length, isLastExact };
}

const percentage = (call: number, calls: number): number => (100 * call) / calls;
