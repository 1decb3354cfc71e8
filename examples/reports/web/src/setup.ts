import { StreamerClient } from 'cdk-streamer-client';
import type { Actions } from './actions';
import { History } from './history';
import { Reports } from './reports';
import { issueToken, visitorName } from './visitor';

/** What the page needs to know of the API; `cdk-streamer dev` serves it beside the page, as `/streamer.json`. */
export interface PageConfig {
  /** WebSocket address of the API. */
  url: string;
  /** Where the page gets its token: POST, JSON claims in, `{ token }` out. */
  tokenUrl: string;
}

/** Reads `streamer.json`; `undefined` where there is none. */
export async function readConfig(fetcher: typeof fetch = fetch): Promise<PageConfig | undefined> {
  const response = await fetcher('/streamer.json', { headers: { accept: 'application/json' } });
  // a host of single-page apps may answer with the page itself
  if (!response.ok || !response.headers.get('content-type')?.includes('json')) return undefined;
  const { url, tokenUrl } = (await response.json()) as Partial<PageConfig>;
  return typeof url === 'string' && typeof tokenUrl === 'string' ? { url, tokenUrl } : undefined;
}

/** Joins client, storage and state. One for the life of the page. */
export function connectPage(config: PageConfig): Reports {
  const user = visitorName(localStorage, () => crypto.randomUUID());
  // asked at each connect and kept nowhere: not in the storage, not in a URL
  const token = () => issueToken(config.tokenUrl, user, fetch);
  const client = new StreamerClient<Actions>(config.url, { token });
  const newId = () => crypto.randomUUID();
  const reports = new Reports({ client, history: new History(localStorage), now: Date.now, newId });
  addEventListener('storage', ({ key }) => reports.storageChanged(key));
  reports.resume();
  return reports;
}
