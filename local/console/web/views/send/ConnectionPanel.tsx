import type { GatewayInfo } from '../../../types';
import { setParams, useData, useServices } from '../../context';
import type { SessionState } from '../../session';
import { Panel } from '../../ui/Panel';
import { type Identity, IdentityFields } from './Identity';

const PHASES = {
  closed: { text: 'not connected', link: 'closed' },
  opening: { text: 'connecting …', link: 'connecting' },
  open: { text: 'connected', link: 'live' },
} as const;

interface ConnectionPanelProps {
  readonly gateway: GatewayInfo;
  readonly identity: Identity;
  readonly state: SessionState;
  onConnect(): void;
}

/** Fields for the API and for the user with which the page connects. */
export function ConnectionPanel({ gateway, identity, state, onConnect }: ConnectionPanelProps) {
  const { session } = useServices();
  const { text, link } = PHASES[state.phase];
  return (
    <Panel
      title="Connection"
      aside={
        <span className="link" data-link={link} role="status">
          <span className="dot" />
          {text}
        </span>
      }
    >
      <Gateways chosen={gateway.name} />
      <IdentityFields auth={gateway.auth} identity={identity} />
      <div className="form-actions">
        <button type="button" className="button" onClick={onConnect} disabled={state.phase === 'opening'}>
          {state.phase === 'open' ? 'Connect anew' : 'Connect'}
        </button>
        {state.phase === 'open' && (
          <button type="button" className="button" onClick={() => session.close()}>
            Disconnect
          </button>
        )}
        <code className="hint">{gateway.url}</code>
      </div>
      {state.problem && <p className="problem">{state.problem}</p>}
    </Panel>
  );
}

/** Choice of the API; hidden if there is only one. */
function Gateways({ chosen }: { readonly chosen: string }) {
  const { gateways } = useData().run;
  if (gateways.length < 2) return undefined;
  return (
    <select aria-label="API" value={chosen} onChange={(event) => setParams({ gateway: event.target.value })}>
      {gateways.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
