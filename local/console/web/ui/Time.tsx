import type { RequestView } from '../../types';
import { useNow } from '../hooks';
import { ago, clockTime, duration } from '../logic/format';
import { isEnd } from '../logic/timeline';

/** How long ago something was; the exact time on hover. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={clockTime(at)}>
      {ago(Math.max(0, now - at))}
    </time>
  );
}

/** How long a request took, or takes until now; a dash where the run does not know when it ended. */
export function TookAll({ request: { createdAt, endedAt, status } }: { readonly request: RequestView }) {
  return endedAt === undefined && isEnd(status) ? <span>–</span> : <Took from={createdAt} to={endedAt} />;
}

/** How long something took, or takes until now. */
export function Took({ from, to }: { readonly from: number; readonly to?: number }) {
  return to === undefined ? <Running from={from} /> : <span>{duration(Math.max(0, to - from))}</span>;
}

function Running({ from }: { readonly from: number }) {
  const now = useNow();
  return <span>{duration(Math.max(0, now - from))}</span>;
}
