import { useEffect, useRef } from 'react';
import type { RedriveView } from '../../../types';
import { api } from '../../api';
import { isRunning, otherProblemsText, stateText } from '../../logic/redrive';
import { linkTo } from '../../logic/route';
import { ActionButton } from '../../ui/ActionButton';
import { Took } from '../../ui/Time';

interface RedriveStateProps {
  readonly redrive: RedriveView;
  /** Shows the form for another redrive. */
  onBack(): void;
}

/** State of a redrive, which is updated while it runs, and its result. */
export function RedriveState({ redrive, onBack }: RedriveStateProps) {
  const { id, startedAt, endedAt, redriven, skipped, failed, problem } = redrive;
  const running = isRunning(redrive);
  const heading = useRef<HTMLHeadingElement>(null);
  // the heading gets the focus, because this view replaced the button that had it
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <div role="status">
        <h3 ref={heading} tabIndex={-1}>
          {stateText(redrive)}
        </h3>
      </div>
      {problem !== undefined && <p className="problem">{problem}</p>}
      <dl className="facts">
        <Count name="Redriven" value={redriven} />
        <Count name="Skipped" value={skipped} />
        <Count name="Failed" value={failed} />
        <div>
          <dt>Took</dt>
          <dd>
            <Took from={startedAt} to={endedAt} />
          </dd>
        </div>
      </dl>
      <Problems redrive={redrive} />
      {running && <p className="hint">The redrive continues if you close this dialog or the page.</p>}
      <form method="dialog" className="form-actions">
        <button type="submit" className={running ? 'button' : 'button primary'}>
          Close
        </button>
        {running ? (
          <ActionButton label="Stop" icon="close" title="Stop the redrive" run={() => api.stopRedrive(id)} />
        ) : (
          <button type="button" className="button" onClick={onBack}>
            Redrive others …
          </button>
        )}
      </form>
    </>
  );
}

function Count({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value.toLocaleString('en')}</dd>
    </div>
  );
}

/** The requests that were not started again, with the reasons. */
function Problems({ redrive }: { readonly redrive: RedriveView }) {
  const { problems } = redrive;
  if (problems.length === 0) return null;
  return (
    <ul className="named-requests" aria-label="Requests that were not redriven">
      {problems.map(({ key, id, action, tenant, user, outcome, reason }) => (
        <li key={key}>
          <a href={linkTo('requests', { key })} onClick={closeDialog}>
            <strong>{action}</strong> <code>{id}</code>
          </a>{' '}
          {user} <span className="hint">{tenant}</span> {outcome}:{' '}
          <span className={outcome === 'failed' ? 'problem-text' : 'hint'}>{reason}</span>
        </li>
      ))}
      {otherProblemsText(redrive) !== '' && <li className="hint">{otherProblemsText(redrive)}</li>}
    </ul>
  );
}

/** Closes the dialog that contains the clicked link, so that the request behind the link is visible. */
function closeDialog({ currentTarget }: { readonly currentTarget: Element }): void {
  currentTarget.closest('dialog')?.close();
}
