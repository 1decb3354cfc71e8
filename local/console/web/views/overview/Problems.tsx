import type { LogLine, RequestView } from '../../../types';
import { useData } from '../../context';
import { linkTo } from '../../logic/route';
import { Empty } from '../../ui/Empty';
import { Panel } from '../../ui/Panel';
import { Ago } from '../../ui/Time';

const SHOWN = 6;

interface Problem {
  readonly key: string;
  readonly at: number;
  readonly title: string;
  readonly text: string;
  readonly href: string;
}

/** What failed last: requests, and lines that say so. */
export function Problems() {
  const { requests, logs, run } = useData();
  const failed = requests.filter(({ status }) => status === 'FAILED').map(ofRequest);
  const lines = logs.filter(({ level }) => level === 'error').map(ofLine);
  const problems = [...failed, ...lines].sort((a, b) => b.at - a.at).slice(0, SHOWN);
  const warnings = run.warnings.length;
  return (
    <Panel
      title="Problems"
      aside={
        warnings > 0 && (
          <a href={linkTo('logs', { level: 'warn', source: 'template' })}>
            {warnings} {warnings === 1 ? 'warning' : 'warnings'} of the template
          </a>
        )
      }
    >
      <ul className="problems steady">
        {problems.map(({ key, at, title, text, href }) => (
          <li key={key}>
            <a href={href}>
              <strong>{title}</strong>
              <span className="problem-text">{text}</span>
              <Ago at={at} />
            </a>
          </li>
        ))}
        {problems.length === 0 && (
          <li>
            <Empty title="Nothing failed">Failed requests and errors of functions are listed here.</Empty>
          </li>
        )}
      </ul>
    </Panel>
  );
}

function ofRequest({ key, id, action, error, endedAt, createdAt }: RequestView): Problem {
  return {
    key,
    at: endedAt ?? createdAt,
    title: `${action} ${id}`,
    text: error ? `${error.code}: ${error.message}` : 'failed',
    href: linkTo('requests', { key }),
  };
}

function ofLine({ seq, at, source, message }: LogLine): Problem {
  return { key: `line ${seq}`, at, title: source, text: message, href: linkTo('logs', { level: 'error', source }) };
}
