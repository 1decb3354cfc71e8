import type { FaultPlan, PlannedFault } from '../../emulator/chaos';
import type { FaultyConnection, GatewayFaults } from '../../emulator/websocket-api';
import type { FaultTimers } from './timers';

/** Time in milliseconds until the gateway ends a connection that the client has lost without a close frame. */
const HALF_OPEN_MS = 30_000;
/** Longest time in milliseconds from the opening of a connection until its client no longer reads. */
const READS_MS = 10_000;

/** @param isDown returns whether a service answers no call */
export function connectionFaults(
  plan: FaultPlan,
  timers: FaultTimers,
  isDown: (service: string) => boolean,
): GatewayFaults {
  const occurs = (at: 'handshake' | 'disconnect' | 'post'): string | undefined => {
    const fault = plan.next(at);
    if (fault) plan.took(fault);
    return fault?.fault;
  };
  return {
    refuses: () => occurs('handshake') !== undefined || isDown('execute-api'),
    losesDisconnect: () => occurs('disconnect') !== undefined,
    onPost: () => occurs('post') as 'throttle' | 'lose' | undefined,
    onOpen: (connection) => {
      const fault = plan.next('connection');
      if (!fault) return;
      timers.later(delayOf(fault), () => {
        plan.took(fault);
        disturb(connection, fault, timers);
      });
    },
  };
}

function delayOf({ fault, ms, random }: PlannedFault<'connection'>): number {
  if (fault === 'late-open') return 0;
  return fault === 'full-buffer' ? random * READS_MS : ms;
}

function disturb(connection: FaultyConnection, { fault, ms }: PlannedFault<'connection'>, timers: FaultTimers): void {
  if (fault === 'cut') connection.drop();
  if (fault === 'late-open') connection.hide(ms);
  if (fault === 'full-buffer') connection.fill(ms);
  if (fault !== 'half-open') return;
  connection.mute();
  timers.later(HALF_OPEN_MS, () => connection.drop());
}
