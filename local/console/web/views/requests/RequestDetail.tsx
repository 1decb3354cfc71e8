import { useState } from 'react';
import type { RequestDetail as Detail, RequestView } from '../../../types';
import { api } from '../../api';
import { setParams, useLive } from '../../context';
import { useLoaded } from '../../hooks';
import { filterLogs } from '../../logic/filters';
import { clockTime } from '../../logic/format';
import { linkTo } from '../../logic/route';
import { Choice } from '../../ui/Choice';
import { CopyButton } from '../../ui/CopyButton';
import { Empty } from '../../ui/Empty';
import { Frames } from '../../ui/Frames';
import { Icon } from '../../ui/Icon';
import { Json } from '../../ui/Json';
import { LogLines } from '../../ui/LogLines';
import { Progress } from '../../ui/Progress';
import { Status } from '../../ui/Status';
import { Thrown } from '../../ui/Thrown';
import { Ago, Took, TookAll } from '../../ui/Time';
import { Attempts } from './Attempts';
import { Change } from './Change';
import { Timeline } from './Timeline';

type Tab = 'timeline' | 'attempts' | 'data' | 'log' | 'frames' | 'lines';

/** Details of one request, which are updated while it runs. */
export function RequestDetail({ request }: { readonly request: RequestView }) {
  // the request is loaded again when it changes; an active request is also loaded again after any update of the run's
  // data
  const { value: detail, problem } = useLoaded(() => api.request(request.key), request.key, request);
  return (
    <article className="detail" aria-label={`Request ${request.id}`}>
      <Head request={request} detail={detail} />
      {problem && <p className="problem">{problem}</p>}
      {detail ? <Body request={request} detail={detail} /> : <div className="starting" aria-busy="true" />}
    </article>
  );
}

function Head({ request, detail }: { readonly request: RequestView; readonly detail: Detail | undefined }) {
  const { id, action, status, error, failure, progress } = request;
  const again = linkTo('send', {
    kind: 'request',
    action,
    input: detail?.input === undefined ? '' : JSON.stringify(detail.input),
  });
  return (
    <header className="detail-head">
      <div className="detail-title">
        <h2>
          {action} <code>{id}</code>
        </h2>
        <CopyButton text={id} label="Copy the id" />
        <button type="button" className="button icon-only" onClick={() => setParams({ key: '' })} title="Close (Esc)">
          <Icon name="close" />
          <span className="unseen">Close</span>
        </button>
      </div>
      <div className="detail-state">
        <Status status={status} />
        <Progress request={request} large />
      </div>
      <p className="detail-message">
        {error ? <span className="problem-text">{`${error.code}: ${error.message}`}</span> : progress?.message}
      </p>
      {failure && <Thrown failure={failure} />}
      <div className="detail-actions">
        <Change request={request} />
        <a className="button" href={again}>
          <Icon name="repeat" />
          <span>Send again</span>
        </a>
        <a className="button" href={linkTo('send', { kind: 'attach', id, user: request.user, tenant: request.tenant })}>
          <Icon name="connections" />
          <span>Attach</span>
        </a>
      </div>
    </header>
  );
}

function Body({ request, detail }: { readonly request: RequestView; readonly detail: Detail }) {
  const { logs } = useLive().data ?? { logs: [] };
  const [tab, setTab] = useState<Tab>('timeline');
  const lines = filterLogs(logs, { source: '', level: 'all', text: request.id });
  const tabs: readonly { value: Tab; label: string; count?: number }[] = [
    { value: 'timeline', label: 'Timeline' },
    { value: 'attempts', label: 'Attempts', count: detail.attempts.length },
    { value: 'data', label: 'Input & result' },
    { value: 'log', label: 'Log entries', count: detail.entries.length + detail.skipped },
    { value: 'frames', label: 'Frames', count: detail.frames.length },
    { value: 'lines', label: 'Output', count: lines.length },
  ];
  return (
    <>
      <Facts request={request} detail={detail} />
      <Choice label="About the request" value={tab} options={tabs} onChange={(next) => setTab(next)} />
      {tab === 'timeline' && <Timeline detail={detail} />}
      {tab === 'attempts' && <Attempts attempts={detail.attempts} />}
      {tab === 'data' && <Data detail={detail} />}
      {tab === 'log' && <Entries detail={detail} />}
      {tab === 'frames' && <PassedFrames detail={detail} />}
      {tab === 'lines' &&
        (lines.length > 0 ? <LogLines lines={lines} /> : <Empty title="No log line names this request" />)}
    </>
  );
}

function Facts({ request, detail }: { readonly request: RequestView; readonly detail: Detail }) {
  const { tenant, user, maxAttempts, attempt, run, createdAt, priority } = request;
  const { expiresAt, leaseUntil, deadLetter } = detail;
  return (
    <dl className="facts">
      <Fact name="User">{user}</Fact>
      <Fact name="Tenant">{tenant}</Fact>
      {priority !== undefined && <Fact name="Priority">{priority}</Fact>}
      <Fact name="Attempts">
        {attempt} of {maxAttempts}
        {run > 1 && <span className="hint"> in run {run}</span>}
      </Fact>
      <Fact name="Accepted">
        <Ago at={createdAt} />
      </Fact>
      <Fact name="Waited">
        <Waited request={request} />
      </Fact>
      <Fact name="Took">
        <TookAll request={request} />
      </Fact>
      {leaseUntil !== undefined && <Fact name="Lease until">{clockTime(leaseUntil).slice(0, 8)}</Fact>}
      {expiresAt !== undefined && (
        <Fact name="Kept until">{new Date(expiresAt).toLocaleDateString('en', { dateStyle: 'medium' })}</Fact>
      )}
      {deadLetter && (
        <Fact name="Dead letter">
          <a href={linkTo('queues')}>{deadLetter.queue}</a>, received {deadLetter.receiveCount} times
        </Fact>
      )}
    </dl>
  );
}

/** Shows how long the request waited for its first attempt. Without an attempt, it shows the whole duration. */
function Waited({ request }: { readonly request: RequestView }) {
  const { createdAt, startedAt } = request;
  return startedAt === undefined ? <TookAll request={request} /> : <Took from={createdAt} to={startedAt} />;
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Data({ detail: { input, result, error, progress, snapshot } }: { readonly detail: Detail }) {
  return (
    <div className="stack">
      <h3>Input</h3>
      {input === undefined ? <p className="hint">The request had no input.</p> : <Json value={input} label="input" />}
      {progress?.metadata !== undefined && (
        <>
          <h3>Metadata of the last progress</h3>
          <Json value={progress.metadata} label="metadata" />
        </>
      )}
      {snapshot && (
        <>
          <h3>Latest snapshot</h3>
          <p className="hint">
            Late viewers start here and skip {snapshot.offset} entries. Attempt {snapshot.attempt} of run {snapshot.run}{' '}
            stored it.
          </p>
          <Json value={snapshot.data} label="snapshot" />
        </>
      )}
      {error !== undefined && (
        <>
          <h3>Error</h3>
          <Json value={error} label="error" />
        </>
      )}
      {result !== undefined && (
        <>
          <h3>Result</h3>
          <Json value={result} label="result" />
        </>
      )}
      {error === undefined && result === undefined && <p className="hint">There is no result yet.</p>}
    </div>
  );
}

function Entries({ detail: { entries, skipped } }: { readonly detail: Detail }) {
  if (entries.length === 0) return <Empty title="The log is empty">It begins with the first attempt.</Empty>;
  return (
    <>
      {skipped > 0 && <p className="hint">{skipped} entries before these are not shown.</p>}
      <ol className="entries">
        {entries.map(({ offset, name, data, attempt, sentAt }) => (
          <li key={offset}>
            <details>
              <summary>
                <span className="entry-offset">{offset}</span>
                <strong>{name}</strong>
                <code className="frame-text">{data === undefined ? '' : JSON.stringify(data).slice(0, 200)}</code>
                <span className="hint">{sentAt === undefined ? `attempt ${attempt}` : clockTime(sentAt)}</span>
              </summary>
              <Json value={data ?? null} label={`entry ${offset}`} />
            </details>
          </li>
        ))}
      </ol>
    </>
  );
}

function PassedFrames({ detail: { frames } }: { readonly detail: Detail }) {
  if (frames.length === 0)
    return <Empty title="No frames of this request">Only the last frames of the run are kept in memory.</Empty>;
  const seen = frames.map((frame) => ({
    ...frame,
    direction: frame.direction === 'in' ? ('out' as const) : ('in' as const),
  }));
  return <Frames frames={seen} label="Frames of the request" />;
}
