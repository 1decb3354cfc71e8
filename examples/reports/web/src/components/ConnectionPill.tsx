import type { ConnectionState } from 'cdk-streamer-client';

const TEXT: Record<ConnectionState, string> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  disconnected: 'Disconnected',
  closed: 'Closed',
};

interface Props {
  state: ConnectionState;
  offline: boolean;
  roundTrip?: number;
}

export function ConnectionPill({ state, offline, roundTrip }: Props) {
  const time = state === 'connected' && roundTrip !== undefined ? ` · ${Math.round(roundTrip)} ms` : '';
  return (
    <p
      className="pill"
      data-testid="connection-state"
      data-state={offline ? 'disconnected' : state}
      role="status"
      title="Round trip of the action echo"
    >
      <span className="dot" aria-hidden="true" />
      {offline ? 'Offline' : TEXT[state]}
      {time}
    </p>
  );
}
