import { useData } from '../../context';
import { useNow } from '../../hooks';
import { type ActivityBar, activity } from '../../logic/activity';
import { clockTime } from '../../logic/format';
import { Panel } from '../../ui/Panel';

const BARS = 60;
const BAR_MS = 5000;
const HEIGHT = 120;
/**
 * Minimum number of requests that correspond to the full height of the chart. Otherwise a single request would fill the
 * chart.
 */
const MIN_SCALE = 4;

/** Chart of the requests of the last five minutes. */
export function Activity() {
  const { requests, samples } = useData();
  const now = useNow();
  const bars = activity(requests, samples, { now, bars: BARS, barMs: BAR_MS });
  const scale = Math.max(MIN_SCALE, ...bars.map((bar) => bar.sync + bar.async + bar.failed));
  const totals = { sync: sum(bars, 'sync'), async: sum(bars, 'async'), failed: sum(bars, 'failed') };
  return (
    <Panel title="Activity" aside={<span className="hint">the last five minutes, each bar 5 s</span>}>
      <figure className="activity">
        <ul className="legend">
          <li data-kind="sync">{totals.sync} sync</li>
          <li data-kind="async">{totals.async} async</li>
          <li data-kind="failed">{totals.failed} failed</li>
        </ul>
        <svg
          viewBox={`0 0 ${BARS} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Requests of the last five minutes: ${totals.sync} sync, ${totals.async} async, ${totals.failed} failed`}
        >
          {bars.map((bar, i) => (
            <Stack key={bar.from} bar={bar} at={i} scale={scale} />
          ))}
        </svg>
        <div className="axis" aria-hidden="true">
          <span>5 min ago</span>
          <span>now</span>
        </div>
      </figure>
    </Panel>
  );
}

const sum = (bars: readonly ActivityBar[], kind: 'sync' | 'async' | 'failed'): number =>
  bars.reduce((total, bar) => total + bar[kind], 0);

function Stack({ bar, at, scale }: { readonly bar: ActivityBar; readonly at: number; readonly scale: number }) {
  let y = HEIGHT;
  return (
    <g>
      <title>{`${clockTime(bar.from).slice(0, 8)}: ${bar.sync} sync, ${bar.async} async, ${bar.failed} failed`}</title>
      <rect className="ground" x={at + 0.1} width={0.8} y={HEIGHT - 2} height={2} />
      {(['sync', 'async', 'failed'] as const).map((kind) => {
        const height = (HEIGHT * bar[kind]) / scale;
        y -= height;
        return <rect key={kind} data-kind={kind} x={at + 0.1} width={0.8} y={y} height={height} />;
      })}
    </g>
  );
}
