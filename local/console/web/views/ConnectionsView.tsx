import type { ConnectionView } from '../../types';
import { setParams, useData, useRoute } from '../context';
import { useKeys } from '../hooks';
import { bytes } from '../logic/format';
import { linkTo } from '../logic/route';
import { Empty } from '../ui/Empty';
import { Ago, Took } from '../ui/Time';
import { ConnectionDetail } from './connections/ConnectionDetail';

/** Open and closed connections. */
export function ConnectionsView() {
  const { connections, run } = useData();
  const { params } = useRoute();
  const open = connections.find(({ connectionId }) => connectionId === params.id);
  useKeys({ Escape: () => setParams({ id: '' }) });
  return (
    <div className={params.id ? 'split open' : 'split'}>
      <div className="split-list">
        <h1 className="view-title">Connections</h1>
        {connections.length === 0 ? (
          <Empty title="No client is connected">
            <p>Clients connect to</p>
            {run.gateways.map(({ url }) => (
              <p key={url}>
                <code>{url}</code>
              </p>
            ))}
            <a className="button primary" href={linkTo('send')}>
              Connect from here
            </a>
          </Empty>
        ) : (
          <ConnectionTable connections={connections} chosen={params.id} />
        )}
      </div>
      {params.id && (
        <div className="split-detail">
          {open ? (
            <ConnectionDetail key={open.connectionId} connection={open} />
          ) : (
            <Empty title="This connection was closed long ago" />
          )}
        </div>
      )}
    </div>
  );
}

interface TableProps {
  readonly connections: readonly ConnectionView[];
  readonly chosen: string | undefined;
}

function ConnectionTable({ connections, chosen }: TableProps) {
  return (
    <div className="panel scroll-x">
      <table className="choosable">
        <thead>
          <tr>
            <th scope="col">Connection</th>
            <th scope="col">User</th>
            <th scope="col">Open</th>
            <th scope="col" className="number">
              In
            </th>
            <th scope="col" className="number">
              Out
            </th>
            <th scope="col" className="number">
              Last frame
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <Row key={connection.connectionId} connection={connection} chosen={connection.connectionId === chosen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ connection, chosen }: { readonly connection: ConnectionView; readonly chosen: boolean }) {
  const { connectionId, user, tenant, connectedAt, lastActiveAt, framesIn, framesOut, bytesIn, bytesOut, closed } =
    connection;
  return (
    <tr data-closed={closed !== undefined || undefined} aria-current={chosen || undefined}>
      <th scope="row">
        <a href={linkTo('connections', { id: connectionId })}>
          <code>{connectionId}</code>
        </a>
      </th>
      <td>
        {user ?? 'unknown'} <span className="hint">{tenant}</span>
      </td>
      <td>
        {closed ? (
          <>
            <Took from={connectedAt} to={closed.at} /> <span className="hint">closed with {closed.code}</span>
          </>
        ) : (
          <Took from={connectedAt} />
        )}
      </td>
      <td className="number" title={bytes(bytesIn)}>
        {framesIn}
      </td>
      <td className="number" title={bytes(bytesOut)}>
        {framesOut}
      </td>
      <td className="number">
        <Ago at={lastActiveAt} />
      </td>
    </tr>
  );
}
