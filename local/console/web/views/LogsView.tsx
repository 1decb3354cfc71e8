import { useEffect, useRef, useState } from 'react';
import { setParams, useData, useRoute } from '../context';
import { filterLogs, type LogFilter } from '../logic/filters';
import { Choice, Select } from '../ui/Choice';
import { Empty } from '../ui/Empty';
import { LogLines } from '../ui/LogLines';
import { Search } from '../ui/Search';

const SHOWN = 500;

const LEVELS: readonly { value: LogFilter['level']; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'warn', label: 'Warnings' },
  { value: 'error', label: 'Errors' },
];

/** Log lines of the run. */
export function LogsView() {
  const { logs } = useData();
  const { params } = useRoute();
  const level = LEVELS.find(({ value }) => value === params.level)?.value ?? 'all';
  const filter: LogFilter = { source: params.source ?? '', level, text: params.q ?? '' };
  const found = filterLogs(logs, filter);
  const shown = found.slice(-SHOWN);
  const sources = [...new Set(logs.map(({ source }) => source))].sort();
  return (
    <div className="logs">
      <h1 className="view-title">Logs</h1>
      <div className="toolbar">
        <Choice
          label="Level"
          value={level}
          options={LEVELS}
          onChange={(value) => setParams({ level: value === 'all' ? '' : value })}
        />
        <Select
          label="Source"
          value={filter.source}
          all="All sources"
          options={sources}
          onChange={(source) => setParams({ source })}
        />
        <Search label="Filter, e.g. by a request's id" value={filter.text} onChange={(q) => setParams({ q })} />
        <span className="hint" role="status">
          {found.length > SHOWN ? `the last ${SHOWN} of ${found.length}` : `${found.length} of ${logs.length}`} lines
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title="No line matches">
          {logs.length === 0 ? 'Lines appear when the run logs them.' : 'Remove a part of the filter.'}
        </Empty>
      ) : (
        <Following last={shown.at(-1)?.seq ?? 0}>
          <LogLines lines={shown} />
        </Following>
      )}
    </div>
  );
}

/** Distance from the end, in pixels, within which the list still follows new lines. */
const END_PX = 40;

/** Scrolls to the end when lines are added, unless the user has scrolled away from the end. */
function Following({ last, children }: { readonly last: number; readonly children: React.ReactNode }) {
  const box = useRef<HTMLElement>(null);
  const [following, setFollowing] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `last` changes with new lines
  useEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last, following]);
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current as HTMLElement;
    setFollowing(scrollHeight - scrollTop - clientHeight < END_PX);
  };
  return (
    <div className="follow">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard */}
      <section className="panel follow-box" ref={box} onScroll={onScroll} aria-label="Lines" tabIndex={0}>
        {children}
      </section>
      {!following && (
        <button type="button" className="button primary follow-end" onClick={() => setFollowing(true)}>
          Follow the end
        </button>
      )}
    </div>
  );
}
