import type { QueueView } from '../../types';
import { api } from '../api';
import { setParams, useData, useRoute } from '../context';
import { useKeys, useLoaded } from '../hooks';
import { linkTo } from '../logic/route';
import { Empty } from '../ui/Empty';
import { Icon } from '../ui/Icon';
import { Json } from '../ui/Json';
import { Ago } from '../ui/Time';

/** Waiting messages, messages in flight, and dead letters. */
export function QueuesView() {
  const { queues } = useData();
  const { params } = useRoute();
  const open = queues.find(({ arn }) => arn === params.queue);
  useKeys({ Escape: () => setParams({ queue: '' }) });
  return (
    <div className={open ? 'split open' : 'split'}>
      <div className="split-list">
        <h1 className="view-title">Queues</h1>
        {queues.length === 0 ? (
          <Empty title="The application has no queue">
            Each async action has a queue: add an action with StreamerHandler.async.
          </Empty>
        ) : (
          <QueueTable queues={queues} chosen={open?.arn} />
        )}
      </div>
      {open && (
        <div className="split-detail">
          <QueueDetail key={open.arn} queue={open} />
        </div>
      )}
    </div>
  );
}

function QueueTable({
  queues,
  chosen,
}: {
  readonly queues: readonly QueueView[];
  readonly chosen: string | undefined;
}) {
  return (
    <div className="panel scroll-x">
      <table className="choosable">
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col">Action</th>
            <th scope="col" className="number">
              Visible
            </th>
            <th scope="col" className="number">
              In flight
            </th>
            <th scope="col" className="number">
              Delayed
            </th>
            <th scope="col" className="number">
              Oldest
            </th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <Row key={queue.arn} queue={queue} chosen={queue.arn === chosen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ queue, chosen }: { readonly queue: QueueView; readonly chosen: boolean }) {
  const { arn, name, action, priority, isDeadLetter, visible, inFlight, delayed, oldestAt } = queue;
  return (
    <tr aria-current={chosen || undefined}>
      <th scope="row">
        <a href={linkTo('queues', { queue: arn })}>{name}</a>
        {isDeadLetter && <span className="tag">dead letters</span>}
        {priority !== undefined && <span className="tag">priority {priority}</span>}
      </th>
      <td>{action ?? <span className="hint">none</span>}</td>
      <td className="number" data-tone={isDeadLetter && visible > 0 ? 'bad' : undefined}>
        {visible}
      </td>
      <td className="number" data-tone={inFlight > 0 ? 'busy' : undefined}>
        {inFlight}
      </td>
      <td className="number">{delayed}</td>
      <td className="number">{oldestAt === undefined ? '–' : <Ago at={oldestAt} />}</td>
    </tr>
  );
}

function QueueDetail({ queue }: { readonly queue: QueueView }) {
  const { arn, name, visible, inFlight, delayed, isDeadLetter } = queue;
  const version = [visible, inFlight, delayed, queue.oldestAt].join();
  const { value: messages, problem } = useLoaded(() => api.messages(arn), arn, version);
  return (
    <article className="detail" aria-label={`Queue ${name}`}>
      <header className="detail-head">
        <div className="detail-title">
          <h2>{name}</h2>
          <button
            type="button"
            className="button icon-only"
            onClick={() => setParams({ queue: '' })}
            title="Close (Esc)"
          >
            <Icon name="close" />
            <span className="unseen">Close</span>
          </button>
        </div>
        <p className="hint">
          <code>{arn}</code>
        </p>
      </header>
      {problem && <p className="problem">{problem}</p>}
      {messages?.length === 0 && (
        <Empty title={isDeadLetter ? 'No dead letters' : 'The queue is empty'}>
          {isDeadLetter
            ? 'Messages that failed too often appear here.'
            : 'A message is here while its request waits or runs.'}
        </Empty>
      )}
      <ol className="entries">
        {messages?.map(({ messageId, state, sentAt, receiveCount, body, requestKey }) => (
          <li key={messageId}>
            <details>
              <summary>
                <span className="tag">{STATES[state] ?? state}</span>
                <code className="frame-text">{body}</code>
                <span className="hint">
                  received {receiveCount}×, sent <Ago at={sentAt} />
                </span>
              </summary>
              <Json value={body} label="message" />
              {requestKey !== undefined && (
                <p>
                  <a href={linkTo('requests', { key: requestKey })}>Show its request</a>
                </p>
              )}
            </details>
          </li>
        ))}
      </ol>
    </article>
  );
}

const STATES: Readonly<Record<string, string>> = { ready: 'visible', inFlight: 'in flight', delayed: 'delayed' };
