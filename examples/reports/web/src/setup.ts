import { StreamerClient } from 'cdk-streamer-client';
import type { Actions } from './actions';
import { History } from './history';
import { Reports } from './reports';
import { issueToken, visitorName } from './visitor';

/** The page's configuration; `cdk-streamer dev` serves it with the page, as `/streamer.json`. */
export interface PageConfig {
  /** WebSocket address of the API. */
  url: string;
  /** Endpoint that issues the page's token: a POST with JSON claims, answered with `{ token }`. */
  tokenUrl: string;
}

/** Reads `streamer.json`; `undefined` if it does not exist. */
export async function readConfig(fetcher: typeof fetch = fetch): Promise<PageConfig | undefined> {
  const response = await fetcher('/streamer.json', { headers: { accept: 'application/json' } });
  // a host of single-page apps may answer a missing file with the page itself
  if (!response.ok || !response.headers.get('content-type')?.includes('json')) return undefined;
  const { url, tokenUrl } = (await response.json()) as Partial<PageConfig>;
  return typeof url === 'string' && typeof tokenUrl === 'string' ? { url, tokenUrl } : undefined;
}

/** Connects client, storage and state. There is one per page load. */
export function connectPage(config: PageConfig): Reports {
  const user = visitorName(localStorage, () => crypto.randomUUID());
  // called at each connect; the token is stored nowhere, neither in the storage nor in a URL
  const token = () => issueToken(config.tokenUrl, user, fetch);
  const client = new StreamerClient<Actions>(config.url, { token });
  const newId = () => crypto.randomUUID();
  const reports = new Reports({ client, history: new History(localStorage), now: Date.now, newId });
  addEventListener('storage', ({ key }) => reports.storageChanged(key));
  reports.resume();
  return reports;
}
