import { useData, useLive } from '../context';
import { groupOf } from '../logic/filters';
import { plural } from '../logic/format';
import { linkTo } from '../logic/route';
import { Empty } from '../ui/Empty';
import { Panel } from '../ui/Panel';
import { Activity } from './overview/Activity';
import { Functions } from './overview/Functions';
import { Latency } from './overview/Latency';
import { Problems } from './overview/Problems';
import { Schedules } from './overview/Schedules';
import { Stat } from './overview/Stat';
import { RequestRow } from './requests/RequestRow';

const RECENT = 8;

/** Summary of the run. */
export function OverviewView() {
  const { requests } = useData();
  const recent = [...requests].sort((a, b) => b.createdAt - a.createdAt).slice(0, RECENT);
  return (
    <>
      <h1 className="view-title">Overview</h1>
      <Stats />
      <Counted />
      <div className="columns">
        <Latency />
        <Activity />
      </div>
      <div className="columns">
        <Panel title="Latest requests" aside={<a href={linkTo('requests')}>All requests</a>}>
          <div className="rows steady">
            {recent.map((request) => (
              <RequestRow key={request.key} request={request} />
            ))}
            {recent.length === 0 && (
              <Empty title="No request yet">
                <a className="button primary" href={linkTo('send')}>
                  Send the first one
                </a>
              </Empty>
            )}
          </div>
        </Panel>
        <Problems />
      </div>
      <Schedules />
      <Functions />
    </>
  );
}

/** Explains which requests the numbers include, unless they include all requests. */
function Counted() {
  const { requests, requestsSeen } = useData();
  if (requestsSeen <= requests.length) return null;
  return (
    <p className="hint">
      Only the latest {requests.length.toLocaleString('en')} of the run's {requestsSeen.toLocaleString('en')} requests
      are counted.
    </p>
  );
}

function Stats() {
  const { connections, requests, queues, samples } = useData();
  const { link } = useLive();
  const counts = { active: 0, completed: 0, failed: 0, cancelled: 0, all: 0 };
  for (const { status } of requests) counts[groupOf(status)]++;
  const dead = queues
    .filter(({ isDeadLetter }) => isDeadLetter)
    .reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
  const open = connections.filter(({ closed }) => !closed);
  const users = new Set(open.map(({ tenant, user }) => JSON.stringify([tenant, user]))).size;
  const running = requests.filter(({ status }) => status === 'RUNNING').length;
  const sync = samples.filter(({ kind }) => kind === 'sync').length;
  return (
    <div className="stats">
      <Stat label="Connections" value={open.length} note={plural(users, 'user')} href={linkTo('connections')} />
      <Stat
        label="Active"
        value={counts.active}
        note={link === 'lost' ? 'when the run ended' : `${running} running`}
        tone="busy"
        href={linkTo('requests', { status: 'active' })}
      />
      <Stat
        label="Completed"
        value={counts.completed}
        note={`and ${sync} sync`}
        tone="good"
        href={linkTo('requests', { status: 'completed' })}
      />
      <Stat
        label="Failed"
        value={counts.failed}
        note={share(counts.failed, counts.failed + counts.completed)}
        tone="bad"
        href={linkTo('requests', { status: 'failed' })}
      />
      <Stat
        label="Dead letters"
        value={dead}
        note={`in ${plural(queues.filter(({ isDeadLetter }) => isDeadLetter).length, 'queue')}`}
        tone="bad"
        href={linkTo('queues')}
      />
    </div>
  );
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'of none' : `${Math.round((100 * part) / whole)} % of ${whole}`;
}
