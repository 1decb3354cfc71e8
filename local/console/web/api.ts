import type {
  DeadLetterCount,
  DeadLetterFilter,
  FrameView,
  InputExample,
  ItemPage,
  QueueMessageView,
  RecentInputs,
  RedriveView,
  RequestDetail,
  ScheduleView,
  SearchResult,
  TableView,
} from '../types';

const BASE = '/_console/api';

async function get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return answerOf<T>(await fetch(`${BASE}/${path}${search === '' ? '' : `?${search}`}`));
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new Error(answer.message ?? `HTTP ${response.status}`);
  return answer;
}

function post<T>(url: string, body: object, signal?: AbortSignal): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal };
  return fetch(url, request).then((response) => answerOf<T>(response));
}

/** Calls of the console's API. If a call fails, it rejects with an error whose message can be shown to the user. */
export const api = {
  live: `${BASE}/live`,
  request: (key: string) => get<RequestDetail>('request', { key }),
  inputs: (action: string) => get<RecentInputs>('inputs', { action }),
  example: (action: string) => get<InputExample>('example', { action }),
  search: (text: string) => get<SearchResult>('search', { text }),
  tables: () => get<TableView[]>('tables'),
  items: (table: string, partition: string, after = '') => get<ItemPage>('items', { table, partition, after }),
  messages: (queue: string) => get<QueueMessageView[]>('messages', { queue }),
  frames: (connection: string) => get<FrameView[]>('frames', { connection }),
  cancel: (key: string) => post<object>(`${BASE}/cancel`, { key }),
  redrive: (key: string) => post<object>(`${BASE}/redrive`, { key }),
  countDeadLetters: (filter: DeadLetterFilter, signal: AbortSignal) =>
    post<DeadLetterCount>(`${BASE}/redrive-all`, { ...filter, dryRun: true }, signal),
  redriveAll: (filter: DeadLetterFilter) => post<RedriveView>(`${BASE}/redrive-all`, { ...filter, dryRun: false }),
  stopRedrive: (id: string) => post<RedriveView>(`${BASE}/stop-redrive`, { id }),
  disconnect: (connectionId: string) => post<object>(`${BASE}/disconnect`, { connectionId }),
  schedules: () => get<{ schedules: ScheduleView[] }>('schedules'),
  runSchedule: (name: string) => post<object>(`${BASE}/run-schedule`, { name }),
  token: (tokenPath: string, claims: { sub: string; tenant?: string }) => post<{ token: string }>(tokenPath, claims),
};
