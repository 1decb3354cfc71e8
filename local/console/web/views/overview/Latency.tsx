import { useState } from 'react';
import type { TimingKind } from '../../../types';
import { useData } from '../../context';
import { duration, plural } from '../../logic/format';
import { type Bin, histogram, percentiles, position } from '../../logic/statistics';
import { Choice, Select } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { Panel } from '../../ui/Panel';

const KINDS: readonly { value: TimingKind; label: string; from: string }[] = [
  { value: 'sync', label: 'Sync', from: 'request to response' },
  { value: 'ack', label: 'Ack', from: 'request to ack' },
  { value: 'progress', label: 'First progress', from: 'ack to first progress' },
  { value: 'done', label: 'Result', from: 'ack to result or error' },
];

/** Durations of requests, measured by the gateway's frames. */
export function Latency() {
  const { samples } = useData();
  const [chosen, setKind] = useState<TimingKind>();
  const [action, setAction] = useState('');
  // until the user chooses a kind, the first kind with samples is shown
  const kind = chosen ?? KINDS.find(({ value }) => samples.some((sample) => sample.kind === value))?.value ?? 'sync';
  const ofKind = samples.filter((sample) => sample.kind === kind);
  const values = ofKind.filter((sample) => action === '' || sample.action === action).map(({ ms }) => ms);
  const actions = [...new Set(samples.map((sample) => sample.action))].sort();
  const counted = KINDS.map((option) => ({
    ...option,
    count: samples.filter((sample) => sample.kind === option.value).length,
  }));
  return (
    <Panel
      title="Latency"
      aside={<Select label="Action" value={action} all="All actions" options={actions} onChange={setAction} />}
    >
      <Choice label="Measured requests" value={kind} options={counted} onChange={(next) => setKind(next)} />
      <p className="hint">From {KINDS.find(({ value }) => value === kind)?.from}, measured at the gateway.</p>
      {values.length === 0 ? (
        <Empty title="Nothing measured yet">Requests that pass the gateway are measured automatically.</Empty>
      ) : (
        <Histogram values={values} />
      )}
    </Panel>
  );
}

const HEIGHT = 120;

function Histogram({ values }: { readonly values: readonly number[] }) {
  const bins = histogram(values);
  const marks = percentiles(values);
  const most = Math.max(...bins.map(({ count }) => count));
  const named = Object.entries(marks ?? {});
  const summary = named.map(([name, ms]) => `${name} ${duration(ms)}`).join(', ');
  return (
    <figure className="histogram">
      <dl className="percentiles">
        {named.map(([name, ms]) => (
          <div key={name} data-mark={name}>
            <dt>{name}</dt>
            <dd>{duration(ms)}</dd>
          </div>
        ))}
        <div>
          <dt>of</dt>
          <dd>{values.length}</dd>
        </div>
      </dl>
      <svg
        viewBox={`0 0 ${bins.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Histogram: ${summary}`}
      >
        {bins.map((bin, i) => (
          <Bar key={bin.from} bin={bin} at={i} most={most} />
        ))}
        {named.map(([name, ms]) => {
          const x = position(bins, ms) * bins.length;
          return <line key={name} className="mark" data-mark={name} x1={x} x2={x} y1={0} y2={HEIGHT} />;
        })}
      </svg>
      <div className="axis" aria-hidden="true">
        <span>{duration(bins[0]?.from ?? 0)}</span>
        <span>{duration(bins[Math.floor(bins.length / 2)]?.from ?? 0)}</span>
        <span>{duration(bins.at(-1)?.to ?? 0)}</span>
      </div>
    </figure>
  );
}

function Bar({ bin, at, most }: { readonly bin: Bin; readonly at: number; readonly most: number }) {
  const height = bin.count === 0 ? 0 : Math.max(2, (HEIGHT * bin.count) / most);
  return (
    <rect className="bar" x={at + 0.08} width={0.84} y={HEIGHT - height} height={height}>
      <title>{`${duration(bin.from)} to ${duration(bin.to)}: ${plural(bin.count, 'request')}`}</title>
    </rect>
  );
}
