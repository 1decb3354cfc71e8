import type { AttemptView } from '../../../types';
import { clockTime, duration } from '../../logic/format';
import { Empty } from '../../ui/Empty';

/** The ended attempts of a request, with their errors. It also shows the causes, which clients do not receive. */
export function Attempts({ attempts }: { readonly attempts: readonly AttemptView[] }) {
  if (attempts.length === 0) return <Empty title="No attempt has ended yet" />;
  const runs = new Set(attempts.map(({ run }) => run)).size;
  return (
    <table className="attempts">
      <thead>
        <tr>
          {runs > 1 && <th>Run</th>}
          <th>Attempt</th>
          <th>Started</th>
          <th>Took</th>
          <th>End</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((each) => (
          <tr key={`${each.run}/${each.attempt}`} data-failed={each.error !== undefined}>
            {runs > 1 && <td>{each.run}</td>}
            <td>{each.attempt}</td>
            <td>{clockTime(each.startedAt)}</td>
            <td>{duration(Math.max(0, each.endedAt - each.startedAt))}</td>
            <td>
              <End {...each} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function End({ error, cause }: AttemptView) {
  if (!error) return <>Result</>;
  return (
    <>
      <span className="problem-text">{`${error.code}: ${error.message}`}</span>
      {cause !== undefined && <code className="attempt-cause">{cause}</code>}
    </>
  );
}
