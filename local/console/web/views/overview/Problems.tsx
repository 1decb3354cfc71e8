import { useData } from '../../context';
import { latestProblems, type Problem } from '../../logic/problems';
import { linkTo } from '../../logic/route';
import { Empty } from '../../ui/Empty';
import { Panel } from '../../ui/Panel';
import { Ago } from '../../ui/Time';

const SHOWN = 6;

interface Shown {
  readonly key: string;
  readonly at: number;
  readonly title: string;
  readonly text: string;
  readonly href: string;
}

/** Shows the latest problems: failed requests, and log lines that report other errors. */
export function Problems() {
  const { requests, logs, run } = useData();
  const problems = latestProblems(requests, logs).slice(0, SHOWN).map(shown);
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

function shown(problem: Problem): Shown {
  if (problem.kind === 'line') {
    const { seq, at, source, message } = problem.line;
    const count = problem.count > 1 ? ` (${problem.count} times)` : '';
    return {
      key: `line ${seq}`,
      at,
      title: source,
      text: `${message}${count}`,
      href: linkTo('logs', { level: 'error', source }),
    };
  }
  const { key, id, action, error, failure, attempt } = problem.request;
  const attempts = attempt > 1 ? ` (${attempt} attempts)` : '';
  return {
    key,
    at: problem.at,
    title: `${action} ${id}`,
    text: `${failure?.title ?? (error ? `${error.code}: ${error.message}` : 'failed')}${attempts}`,
    href: linkTo('requests', { key }),
  };
}
