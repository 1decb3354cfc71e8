import { useState, useSyncExternalStore } from 'react';
import type { GatewayInfo } from '../../types';
import { useData, useRoute, useServices } from '../context';
import { checkMessage, type MessageForm, newId } from '../logic/message';
import { Choice } from '../ui/Choice';
import { Empty } from '../ui/Empty';
import { Panel } from '../ui/Panel';
import { Composer } from './send/Composer';
import { ConnectionPanel } from './send/ConnectionPanel';
import { firstForm, KINDS } from './send/first-form';
import { identityOf, useIdentity } from './send/Identity';
import { SessionFrames } from './send/SessionFrames';

/** A client with which the developer sends messages. */
export function SendView() {
  const { run } = useData();
  const { params } = useRoute();
  const gateway = run.gateways.find(({ name }) => name === params.gateway) ?? run.gateways[0];
  if (!gateway) return <Empty title="The application has no WebSocket API" />;
  return <Client gateway={gateway} params={params} />;
}

interface ClientProps {
  readonly gateway: GatewayInfo;
  readonly params: Readonly<Record<string, string>>;
}

function Client({ gateway, params }: ClientProps) {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.get);
  const identity = useIdentity(params);
  const connect = useConnect(gateway, identity.values);
  const [form, setForm] = useState<MessageForm>(() => firstForm(params, Object.keys(gateway.actions)[0]));
  const change = (changed: Partial<MessageForm>) => setForm((now) => ({ ...now, ...changed }));
  // reads the input from the current form, which may be newer than the rendered form
  const fill = (unedited: readonly string[], input: string) =>
    setForm((now) => (unedited.includes(now.input) ? { ...now, input } : now));
  const checked = checkMessage(form);
  const send = async () => {
    if (!checked.ok) return;
    if (state.phase !== 'open' && !(await connect())) return;
    session.send(checked.text);
    // the next request needs another id
    if (form.kind === 'request') setForm((sent) => ({ ...sent, id: newId() }));
  };
  return (
    <>
      <h1 className="view-title">Send</h1>
      <div className="columns send">
        <div className="stack">
          <ConnectionPanel gateway={gateway} identity={identity} state={state} onConnect={connect} />
          <Panel title="Message">
            <Choice label="Message" value={form.kind} options={KINDS} onChange={(kind) => change({ kind })} />
            <Composer
              form={form}
              checked={checked}
              gateway={gateway}
              owner={identity.values}
              onChange={change}
              onFill={fill}
              onSend={send}
            />
          </Panel>
        </div>
        <SessionFrames frames={state.frames} />
      </div>
    </>
  );
}

/**
 * Returns a function that opens the session as the chosen user. The function resolves to true if the session is open.
 * Otherwise the session contains the reason.
 */
function useConnect({ auth, url }: GatewayInfo, values: Parameters<typeof identityOf>[1]): () => Promise<boolean> {
  const { session } = useServices();
  const { run } = useData();
  return async () => {
    try {
      const { token, who } = await identityOf(auth, values, run.tokenPath);
      return await session.open(url, token, who);
    } catch (error) {
      session.fail((error as Error).message);
      return false;
    }
  };
}
