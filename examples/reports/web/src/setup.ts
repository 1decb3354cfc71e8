import { StreamerClient } from 'cdk-streamer-client';
import type { Actions } from './actions';
import { History } from './history';
import { Reports } from './reports';
import { deviceLink, issueToken, takeVisitor, visitorName } from './visitor';

/** Configuration of the page. `cdk-streamer dev` serves it as `/streamer.json`. */
export interface PageConfig {
  /** WebSocket address of the API. */
  url: string;
  /** Endpoint that issues tokens for the page. It accepts a POST with claims as JSON, and answers `{ token }`. */
  tokenUrl: string;
}

/** Reads `streamer.json`. Returns `undefined` if it does not exist. */
export async function readConfig(fetcher: typeof fetch = fetch): Promise<PageConfig | undefined> {
  const response = await fetcher('/streamer.json', { headers: { accept: 'application/json' } });
  // for a missing file, a server of single-page apps may answer with the page itself
  if (!response.ok || !response.headers.get('content-type')?.includes('json')) return undefined;
  const { url, tokenUrl } = (await response.json()) as Partial<PageConfig>;
  return typeof url === 'string' && typeof tokenUrl === 'string' ? { url, tokenUrl } : undefined;
}

/** State of the page, and the address that opens it on another device. */
export interface ConnectedPage {
  reports: Reports;
  deviceLink: string;
}

/** Connects client, storage and state. There is one per page load. */
export function connectPage(config: PageConfig): ConnectedPage {
  takeVisitor(localStorage, location, history);
  const user = visitorName(localStorage, () => crypto.randomUUID());
  // called at each connect; the page stores the token neither in the storage nor in a URL
  const token = () => issueToken(config.tokenUrl, user, fetch);
  const client = new StreamerClient<Actions>(config.url, { token });
  const newId = () => crypto.randomUUID();
  const reports = new Reports({ client, history: new History(localStorage), now: Date.now, newId });
  addEventListener('storage', ({ key }) => reports.storageChanged(key));
  reports.resume();
  return { reports, deviceLink: deviceLink(location.href, user) };
}
