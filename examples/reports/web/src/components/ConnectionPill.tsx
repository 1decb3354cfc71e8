import type { ConnectionState } from 'cdk-streamer-client';

const TEXT: Record<ConnectionState, string> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  disconnected: 'Disconnected',
  closed: 'Closed',
};

export function ConnectionPill({ state, roundTrip }: { state: ConnectionState; roundTrip?: number }) {
  const time = state === 'connected' && roundTrip !== undefined ? ` · ${Math.round(roundTrip)} ms` : '';
  return (
    <p
      className="pill"
      data-testid="connection-state"
      data-state={state}
      role="status"
      title="Round trip of the action echo"
    >
      <span className="dot" aria-hidden="true" />
      {TEXT[state]}
      {time}
    </p>
  );
}
