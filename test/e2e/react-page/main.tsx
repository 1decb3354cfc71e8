import { createStreamerHooks } from 'cdk-streamer-client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Actions } from '../../../examples/reports/web/src/actions';

/** A page that is as small as that of docs/react.md, for the demo's API. */
const { StreamerProvider, useConnection, useRequest, useRequests } = createStreamerHooks<Actions>();

const INPUT = { startDate: '2001-01-01', endDate: '2001-01-14', pace: 100 };

function Report() {
  const report = useRequest('generate_report', { persist: 'report' });
  if (report.error) return <p role="alert">{report.error.code}</p>;
  if (report.result) return <a href={report.result.url}>Download</a>;
  if (!report.isActive) return <button type="button" onClick={() => report.start(INPUT)}>Start</button>; // biome-ignore format: as in the documentation
  return (
    <p>
      <progress max={100} value={report.percentage} /> <output>{report.events.length}</output> {report.message}
      <button type="button" onClick={() => report.cancel()}>
        Cancel
      </button>
    </p>
  );
}

function Page() {
  const { state } = useConnection();
  const { requests } = useRequests({ refreshMs: 500 });
  return (
    <main data-state={state} data-requests={requests.map(({ status }) => status).join(' ')}>
      <Report />
    </main>
  );
}

async function start() {
  const { url, tokenUrl } = await (await fetch('/streamer.json')).json();
  const user = new URLSearchParams(location.search).get('user');
  const token = async () => {
    const body = JSON.stringify({ sub: user });
    const response = await fetch(tokenUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()).token;
  };
  createRoot(document.body).render(
    <StrictMode>
      <StreamerProvider url={url} token={token}>
        <Page />
      </StreamerProvider>
    </StrictMode>,
  );
}

void start();
