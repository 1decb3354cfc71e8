import { useState, useSyncExternalStore } from 'react';
import { setParams, useData, useRoute, useServices } from '../context';
import { checkMessage, type MessageForm, type MessageKind, newId } from '../logic/message';
import { Choice, Select } from '../ui/Choice';
import { Empty } from '../ui/Empty';
import { Frames } from '../ui/Frames';
import { Panel } from '../ui/Panel';
import { Composer } from './send/Composer';
import { IdentityFields, identityOf, useIdentity } from './send/Identity';

const KINDS: readonly { value: MessageKind; label: string }[] = [
  { value: 'request', label: 'Request' },
  { value: 'attach', label: 'Attach' },
  { value: 'ping', label: 'Ping' },
  { value: 'raw', label: 'Any text' },
];

const RAW = '{\n  "type": "ping"\n}';

/** A client in the hands of the developer. */
export function SendView() {
  const { run } = useData();
  const { session } = useServices();
  const { params } = useRoute();
  const state = useSyncExternalStore(session.subscribe, session.get);
  const gateway = run.gateways.find(({ name }) => name === params.gateway) ?? run.gateways[0];
  const identity = useIdentity(params);
  const [form, setForm] = useState<MessageForm>(() => formOf(params, run.gateways[0]?.actions[0]));
  const checked = checkMessage(form);
  if (!gateway) return <Empty title="The application has no WebSocket API" />;

  const connect = async (): Promise<boolean> => {
    try {
      const { token, who } = await identityOf(gateway.auth, identity.values, run.tokenPath);
      return await session.open(gateway.url, token, who);
    } catch (error) {
      session.fail((error as Error).message);
      return false;
    }
  };
  const send = async () => {
    if (!checked.ok) return;
    if (state.phase !== 'open' && !(await connect())) return;
    session.send(checked.text);
    // the next request is another one
    if (form.kind === 'request') setForm((sent) => ({ ...sent, id: newId() }));
  };

  return (
    <>
      <h1 className="view-title">Send</h1>
      <div className="columns send">
        <div className="stack">
          <Panel
            title="Connection"
            aside={
              <span className="link" data-link={PHASES[state.phase].link} role="status">
                <span className="dot" />
                {PHASES[state.phase].text}
              </span>
            }
          >
            {run.gateways.length > 1 && (
              <Select
                label="API"
                value={gateway.name}
                all={run.gateways[0]?.name ?? ''}
                options={run.gateways.map(({ name }) => name)}
                onChange={(name) => setParams({ gateway: name })}
              />
            )}
            <IdentityFields auth={gateway.auth} identity={identity} />
            <div className="form-actions">
              <button type="button" className="button" onClick={connect} disabled={state.phase === 'opening'}>
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
          <Panel title="Message">
            <Choice label="Message" value={form.kind} options={KINDS} onChange={(kind) => setForm({ ...form, kind })} />
            <Composer
              form={form}
              checked={checked}
              gateway={gateway}
              owner={identity.values}
              onChange={(change) => setForm({ ...form, ...change })}
              onSend={send}
            />
          </Panel>
        </div>
        <Panel
          title="Frames"
          className="session"
          aside={
            <button
              type="button"
              className="button"
              onClick={() => session.clear()}
              disabled={state.frames.length === 0}
            >
              Clear
            </button>
          }
        >
          {state.frames.length === 0 ? (
            <Empty title="Nothing sent yet">Send connects by itself. What passes is listed here.</Empty>
          ) : (
            <Frames frames={[...state.frames].reverse()} label="Frames, newest first" />
          )}
        </Panel>
      </div>
    </>
  );
}

const PHASES = {
  closed: { text: 'not connected', link: 'closed' },
  opening: { text: 'connecting …', link: 'connecting' },
  open: { text: 'connected', link: 'live' },
} as const;

/** What a link says, or a first request. */
function formOf(params: Readonly<Record<string, string>>, firstAction = ''): MessageForm {
  const { kind, action = firstAction, id = newId(), input } = params;
  return {
    kind: KINDS.find(({ value }) => value === kind)?.value ?? 'request',
    action,
    id: kind === 'attach' ? id : newId(),
    input: input ? JSON.stringify(JSON.parse(input), undefined, 2) : '{\n  \n}',
    offset: '0',
    raw: RAW,
  };
}
