import type { ScheduleView } from '../../../types';
import { api } from '../../api';
import { useData } from '../../context';
import { useLoaded, useNow } from '../../hooks';
import { linkTo } from '../../logic/route';
import { ActionButton } from '../../ui/ActionButton';
import { Panel } from '../../ui/Panel';
import { Ago } from '../../ui/Time';

/** Interval at which the times of the next runs are loaded again. */
const REFRESH_MS = 10_000;

/** The schedules of the app, each with a button that runs it. If the app has no schedules, the panel is not shown. */
export function Schedules() {
  const { requestsSeen } = useData();
  const tick = Math.floor(useNow() / REFRESH_MS);
  const { value, reload } = useLoaded(api.schedules, 'schedules', `${tick} ${requestsSeen}`);
  if (!value || value.schedules.length === 0) return null;
  return (
    <Panel title="Schedules">
      <div className="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">Schedule</th>
              <th scope="col">Times</th>
              <th scope="col">Next run</th>
              <th scope="col">Last run</th>
              <th scope="col">
                <span className="unseen">Run now</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {value.schedules.map((view) => (
              <Row key={view.name} view={view} reload={reload} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row({ view, reload }: { readonly view: ScheduleView; readonly reload: () => void }) {
  const { name, action, expression, timeZone, enabled, nextAt, lastAt } = view;
  const run = async () => {
    await api.runSchedule(name);
    reload();
  };
  return (
    <tr>
      <th scope="row">{action === undefined ? name : <a href={linkTo('requests', { action })}>{name}</a>}</th>
      <td>{[expression, timeZone].join(' ').trim()}</td>
      <td>{enabled ? <Next at={nextAt} /> : 'disabled'}</td>
      <td>{lastAt === undefined ? 'never' : <Ago at={lastAt} />}</td>
      <td>
        <ActionButton label="Run now" icon="play" title={`Run ${name} now`} run={run} />
      </td>
    </tr>
  );
}

function Next({ at }: { readonly at: number | undefined }) {
  if (at === undefined) return <span>never</span>;
  return <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString()}</time>;
}
