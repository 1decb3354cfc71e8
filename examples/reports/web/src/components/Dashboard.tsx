import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Reports } from '../reports';
import { ConnectionPill } from './ConnectionPill';
import { ErrorNote } from './ErrorNote';
import { HistoryList } from './HistoryList';
import { RequestForm } from './RequestForm';
import { RequestPanel } from './RequestPanel';

/** The only screen: the form, the selected request, and the history. */
export function Dashboard({ reports, deviceLink }: { reports: Reports; deviceLink: string }) {
  const view = useSyncExternalStore(reports.subscribe, reports.current);
  const [chosen, choose] = useState<string>();
  const shown = view.entries.find(({ id }) => id === chosen) ?? view.entries[0];
  const shownId = shown?.id;
  useEffect(() => {
    if (shownId !== undefined) reports.show(shownId);
  }, [reports, shownId]);
  return (
    <div className="page">
      <header className="top">
        <div>
          <h1>Flight delay reports</h1>
          <p className="subtitle">
            20,000 US domestic flights of early 2001, as a PDF with charts. You can reload the page at any time.
          </p>
        </div>
        <ConnectionPill state={view.connection} offline={view.offline} roundTrip={view.roundTrip} />
      </header>
      {view.offline && (
        <p className="note" role="status" data-testid="offline">
          You are offline. The server continues your reports, and this page shows them as soon as the network is back.
        </p>
      )}
      {view.connectionProblem && <ErrorNote problem={view.connectionProblem} onRetry={() => reports.resume()} />}
      <main className="columns">
        <RequestForm onStart={(input) => choose(reports.start(input))} />
        <div className="side">
          <RequestPanel
            key={shown?.id}
            entry={shown}
            interrupted={shown && view.interrupted.get(shown.id)}
            waiting={view.connection !== 'connected'}
            stopping={shown !== undefined && view.stopping.has(shown.id)}
            onRetry={() => shown && reports.retry(shown.id)}
            onStop={() => shown && reports.stop(shown.id)}
            answering={shown !== undefined && view.answering.has(shown.id)}
            onAnswer={(approved) => shown && reports.answer(shown.id, approved)}
          />
          <HistoryList
            entries={view.entries}
            shownId={shownId}
            onChoose={choose}
            onRemove={(id) => reports.remove(id)}
            deviceLink={deviceLink}
          />
        </div>
      </main>
    </div>
  );
}
