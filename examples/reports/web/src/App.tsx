import { useEffect, useState } from 'react';
import { Dashboard } from './components/Dashboard';
import { Unconfigured } from './components/Unconfigured';
import { type ConnectedPage, connectPage, readConfig } from './setup';

type Page = { kind: 'loading' } | { kind: 'unconfigured'; reason?: string } | ({ kind: 'ready' } & ConnectedPage);

let opened: Promise<Page> | undefined;

/** Opens the page only once, even if React mounts the component several times. */
function openPage(): Promise<Page> {
  opened ??= readConfig().then(
    (config): Page => (config ? { kind: 'ready', ...connectPage(config) } : { kind: 'unconfigured' }),
  );
  return opened.catch((error: unknown): Page => ({ kind: 'unconfigured', reason: String(error) }));
}

export function App() {
  const [page, setPage] = useState<Page>({ kind: 'loading' });
  useEffect(() => {
    openPage().then(setPage);
  }, []);
  if (page.kind === 'loading') return <p className="loading">Loading…</p>;
  if (page.kind === 'unconfigured') return <Unconfigured reason={page.reason} />;
  return <Dashboard reports={page.reports} deviceLink={page.deviceLink} />;
}
