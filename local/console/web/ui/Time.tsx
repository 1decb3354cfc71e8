import { useNow } from '../hooks';
import { ago, clockTime, duration } from '../logic/format';

/** How long ago something was; the exact time on hover. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={clockTime(at)}>
      {ago(Math.max(0, now - at))}
    </time>
  );
}

/** How long something took, or takes until now. */
export function Took({ from, to }: { readonly from: number; readonly to?: number }) {
  return to === undefined ? <Running from={from} /> : <span>{duration(Math.max(0, to - from))}</span>;
}

function Running({ from }: { readonly from: number }) {
  const now = useNow();
  return <span>{duration(Math.max(0, now - from))}</span>;
}
