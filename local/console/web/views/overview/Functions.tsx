import type { FunctionView } from '../../../types';
import { useData } from '../../context';
import { duration } from '../../logic/format';
import { linkTo } from '../../logic/route';
import { Panel } from '../../ui/Panel';
import { Ago } from '../../ui/Time';

/** The functions with their invocations and errors. */
export function Functions() {
  const { functions } = useData();
  return (
    <Panel title="Functions">
      <div className="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">Function</th>
              <th scope="col">Environments</th>
              <th scope="col" className="number">
                Invocations
              </th>
              <th scope="col" className="number">
                Cold
              </th>
              <th scope="col" className="number">
                Errors
              </th>
              <th scope="col" className="number">
                p50
              </th>
              <th scope="col" className="number">
                p95
              </th>
              <th scope="col" className="number">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {functions.map((view) => (
              <Row key={view.functionName} view={view} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row({ view }: { readonly view: FunctionView }) {
  const { functionName, name, environments, busy, invocations, coldStarts, errors, lastError, p50, p95, lastAt } = view;
  return (
    <tr>
      <th scope="row" title={functionName}>
        <a href={linkTo('logs', { source: name })}>{name}</a>
      </th>
      <td>
        <Environments total={environments} busy={busy} />
      </td>
      <td className="number">{invocations}</td>
      <td className="number">{coldStarts}</td>
      <td className="number" data-tone={errors > 0 ? 'bad' : undefined} title={lastError}>
        {errors}
      </td>
      <td className="number">{p50 === undefined ? '–' : duration(p50)}</td>
      <td className="number">{p95 === undefined ? '–' : duration(p95)}</td>
      <td className="number">{lastAt === undefined ? 'never' : <Ago at={lastAt} />}</td>
    </tr>
  );
}

/** One dot per environment of a function. Filled dots are running an invocation. */
function Environments({ total, busy }: { readonly total: number; readonly busy: number }) {
  const label = total === 0 ? 'none yet' : `${busy} of ${total} busy`;
  return (
    <span className="environments" title={label}>
      <span className="unseen">{label}</span>
      {Array.from({ length: total }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all dots are equal
        <span key={i} className={i < busy ? 'pip busy' : 'pip'} />
      ))}
      {total === 0 && <span className="hint">cold</span>}
    </span>
  );
}
