import type { RequestView } from '../../types';
import { useNow } from '../hooks';
import { ago, clockTime, duration } from '../logic/format';
import { isEnd } from '../logic/timeline';

/** Shows how much time has passed since an event. A tooltip shows the exact time. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={clockTime(at)}>
      {ago(Math.max(0, now - at))}
    </time>
  );
}

/** Shows the duration of a request until its end or until now. Shows a dash if the end is unknown. */
export function TookAll({ request: { createdAt, endedAt, status } }: { readonly request: RequestView }) {
  return endedAt === undefined && isEnd(status) ? <span>–</span> : <Took from={createdAt} to={endedAt} />;
}

/** Shows the duration from one time to another, or until now. */
export function Took({ from, to }: { readonly from: number; readonly to?: number }) {
  return to === undefined ? <Running from={from} /> : <span>{duration(Math.max(0, to - from))}</span>;
}

function Running({ from }: { readonly from: number }) {
  const now = useNow();
  return <span>{duration(Math.max(0, now - from))}</span>;
}
