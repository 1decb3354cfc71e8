import { useState } from 'react';
import type { ConnectionView } from '../../../types';
import { api } from '../../api';
import { setParams } from '../../context';
import { useLoaded } from '../../hooks';
import { bytes } from '../../logic/format';
import { Empty } from '../../ui/Empty';
import { Frames } from '../../ui/Frames';
import { Icon } from '../../ui/Icon';

/** A connection and its frames. */
export function ConnectionDetail({ connection }: { readonly connection: ConnectionView }) {
  const { connectionId, user, tenant, framesIn, framesOut, bytesIn, bytesOut, types, closed } = connection;
  const { value: frames = [] } = useLoaded(() => api.frames(connectionId), connectionId, framesIn + framesOut);
  // frames with their directions from the client's view, newest first
  const seen = frames
    .map((frame) => ({ ...frame, direction: frame.direction === 'in' ? ('out' as const) : ('in' as const) }))
    .reverse();
  return (
    <article className="detail" aria-label={`Connection ${connectionId}`}>
      <header className="detail-head">
        <div className="detail-title">
          <h2>
            <code>{connectionId}</code>
          </h2>
          {!closed && <Cut connectionId={connectionId} />}
          <button type="button" className="button icon-only" onClick={() => setParams({ id: '' })} title="Close (Esc)">
            <Icon name="close" />
            <span className="unseen">Close</span>
          </button>
        </div>
      </header>
      <dl className="facts">
        <div>
          <dt>User</dt>
          <dd>{user ?? 'unknown'}</dd>
        </div>
        <div>
          <dt>Tenant</dt>
          <dd>{tenant ?? 'none'}</dd>
        </div>
        <div>
          <dt>From the client</dt>
          <dd>
            {framesIn} frames, {bytes(bytesIn)}
          </dd>
        </div>
        <div>
          <dt>To the client</dt>
          <dd>
            {framesOut} frames, {bytes(bytesOut)}
          </dd>
        </div>
        {Object.entries(types).map(([type, count]) => (
          <div key={type}>
            <dt>{type}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      {seen.length > 0 ? <Frames frames={seen} label="Frames, newest first" /> : <Empty title="No frames yet" />}
    </article>
  );
}

function Cut({ connectionId }: { readonly connectionId: string }) {
  const [problem, setProblem] = useState<string>();
  const cut = () => {
    api.disconnect(connectionId).catch((error: Error) => setProblem(error.message));
  };
  return (
    <>
      {problem && <span className="problem-text">{problem}</span>}
      <button
        type="button"
        className="button"
        onClick={cut}
        title="Ends the connection as a network failure does, so that you can see how the client reconnects"
      >
        <Icon name="cut" />
        <span>Cut</span>
      </button>
    </>
  );
}
