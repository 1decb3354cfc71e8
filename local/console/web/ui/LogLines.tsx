import { memo } from 'react';
import type { LogLine } from '../../types';
import { clockTime } from '../logic/format';

/** Log lines of the run, oldest first. */
export function LogLines({ lines }: { readonly lines: readonly LogLine[] }) {
  return (
    <ol className="lines">
      {lines.map((line) => (
        <Line key={line.seq} line={line} />
      ))}
    </ol>
  );
}

const Line = memo(function Line({ line }: { readonly line: LogLine }) {
  const { at, source, level, message, below = [], detail } = line;
  const more = [...below, ...(detail === undefined ? [] : [detail])].join('\n');
  return (
    <li className="line" data-level={level}>
      <time>{clockTime(at)}</time>
      <span className="line-source">{source}</span>
      <span className="line-message">
        {level !== 'info' && <span className="line-level">{level}</span>}
        {message}
        {more !== '' && <pre>{more}</pre>}
      </span>
    </li>
  );
});
