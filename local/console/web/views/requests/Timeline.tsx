import type { RequestDetail } from '../../../types';
import { useNow } from '../../hooks';
import { clockTime, duration, plural } from '../../logic/format';
import {
  attemptKey,
  type Moment,
  moments,
  type Phase,
  phases,
  type Share,
  shareOf,
  shares,
} from '../../logic/timeline';
import { Thrown } from '../../ui/Thrown';

const SHARES: Record<Share, string> = {
  waiting: 'waited for a worker',
  line: 'waited for others to end',
  running: 'running',
  completed: 'ran and completed',
  failed: 'ran and failed',
  backoff: 'waited for a retry',
};

/** The history of a request: a bar with its phases, and its events with their times. */
export function Timeline({ detail }: { readonly detail: RequestDetail }) {
  const ticking = useNow();
  // an event that was just read may be later than the last update of the time
  const now = Math.max(ticking, detail.transitions.at(-1)?.at ?? 0);
  const all = phases(detail.transitions, now);
  return (
    <div className="timeline">
      <Bar all={all} />
      <ol className="moments">
        {grouped(moments(detail, now)).map((group, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: items are only appended
          <li key={i} data-kind={group.moment.kind} data-outcome={group.moment.outcome}>
            <Line moment={group.moment} start={detail.request.createdAt} />
            {failureOf(group.moment, detail)}
            {group.events.length > 0 && <Events events={group.events} start={detail.request.createdAt} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

function failureOf(moment: Moment, { failures }: RequestDetail) {
  if (moment.kind !== 'attempt') return undefined;
  const failure = failures.find((candidate) => attemptKey(candidate) === attemptKey(moment));
  return failure && <Thrown failure={failure} />;
}

function Bar({ all }: { readonly all: readonly Phase[] }) {
  const sums = [...shares(all)];
  const total = Math.max(
    1,
    sums.reduce((sum, [, ms]) => sum + ms, 0),
  );
  return (
    <div className="phases">
      <div
        className="phase-bar"
        role="img"
        aria-label={sums.map(([share, ms]) => `${SHARES[share]} ${duration(ms)}`).join(', ')}
      >
        {all.map((phase) => (
          <span
            key={`${phase.from} ${phase.kind}`}
            className="phase"
            data-kind={phase.kind}
            data-outcome={phase.outcome}
            data-open={phase.open || undefined}
            style={{ flexGrow: Math.max(0.004, (phase.to - phase.from) / total) }}
            title={`${SHARES[shareOf(phase)]}: ${duration(phase.to - phase.from)}`}
          />
        ))}
      </div>
      <ul className="legend">
        {sums.map(([share, ms]) => (
          <li key={share} data-kind={share}>
            {SHARES[share]} {duration(ms)}
          </li>
        ))}
      </ul>
    </div>
  );
}

const OUTCOMES = {
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  retried: 'failed, will be retried',
};

function Line({ moment, start }: { readonly moment: Moment; readonly start: number }) {
  const { at, title, durationMs, outcome, kind, data } = moment;
  return (
    <p className="moment">
      <strong>{title}</strong>
      {kind === 'attempt' && <span className="moment-outcome">{outcome ? OUTCOMES[outcome] : 'running'}</span>}
      {durationMs !== undefined && <span className="hint">{duration(durationMs)}</span>}
      {data !== undefined && <code className="frame-text">{data}</code>}
      {at !== undefined && (
        <time className="moment-at" title={clockTime(at)}>
          {at <= start ? '0' : `+${duration(at - start)}`}
        </time>
      )}
    </p>
  );
}

const SHOWN_EVENTS = 3;

/** Shows the first and the last events. The user can show the others, too. */
function Events({ events, start }: { readonly events: readonly Moment[]; readonly start: number }) {
  const hidden = events.slice(SHOWN_EVENTS - 1, -1);
  const list = (shown: readonly Moment[]) =>
    shown.map((event) => (
      <li key={event.offset}>
        <Line moment={event} start={start} />
      </li>
    ));
  if (hidden.length < 2) return <ol className="events">{list(events)}</ol>;
  return (
    <ol className="events">
      {list(events.slice(0, SHOWN_EVENTS - 1))}
      <li>
        <details>
          <summary>{plural(hidden.length, 'more event')}</summary>
          <ol className="events">{list(hidden)}</ol>
        </details>
      </li>
      {list(events.slice(-1))}
    </ol>
  );
}

/** Groups events with the attempt before them. */
function grouped(all: readonly Moment[]): { moment: Moment; events: Moment[] }[] {
  const groups: { moment: Moment; events: Moment[] }[] = [];
  for (const moment of all) {
    const last = groups.at(-1);
    if (moment.kind === 'event' && last) last.events.push(moment);
    else groups.push({ moment, events: [] });
  }
  return groups;
}
