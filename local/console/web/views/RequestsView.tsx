import { api } from '../api';
import { setParams, useLive, useRoute } from '../context';
import { useKeys, useLoaded, useNow, useSettled } from '../hooks';
import { countGroups, filterRequests, type ListedGroup, NO_FILTER, type RequestFilter } from '../logic/filters';
import { pageOf } from '../logic/paging';
import { PERIODS } from '../logic/periods';
import { formatRoute, linkTo } from '../logic/route';
import { Choice, Select } from '../ui/Choice';
import { Empty } from '../ui/Empty';
import { Pages } from '../ui/Pages';
import { Search } from '../ui/Search';
import { RedriveAll } from './requests/RedriveAll';
import { RequestDetail } from './requests/RequestDetail';
import { RequestRow } from './requests/RequestRow';

/** Number of rows per page. */
const PAGE_ROWS = 100;
/** Time in milliseconds after the last key press until the search is sent to the run. */
const TYPING_MS = 250;

const GROUPS: readonly { value: ListedGroup; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'active', label: 'Active' },
  { value: 'completed', label: 'Completed' },
  { value: 'failed', label: 'Failed' },
  { value: 'dead', label: 'Dead letters' },
  { value: 'cancelled', label: 'Cancelled' },
];

/** The list of requests, and the details of the selected one. */
export function RequestsView() {
  const { requestsByKey } = useLive();
  const { params } = useRoute();
  const all = [...requestsByKey.values()];
  const filter = useFilter(params);
  const listed = filterRequests(all, filter);
  const chosenAt = listed.findIndex(({ key }) => key === params.key);
  const page = pageOf(listed, { page: params.page, rows: PAGE_ROWS, showing: chosenAt });
  const open = requestsByKey.get(params.key ?? '');
  const step = (by: number) => {
    const next = listed[chosenAt < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, chosenAt + by))];
    if (next) setParams({ key: next.key, page: '' });
  };
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => setParams({ key: '' }) });
  return (
    <div className={params.key ? 'split open' : 'split'}>
      <div className="split-list">
        <h1 className="view-title">Requests</h1>
        <Filters filter={filter} all={all} />
        {filter.status === 'dead' && <RedriveAll />}
        <div className="rows">
          {page.items.map((request) => (
            <RequestRow
              key={request.key}
              request={request}
              chosen={request.key === params.key}
              href={formatRoute({ view: 'requests', params: { ...params, key: request.key } })}
            />
          ))}
        </div>
        <Pages page={page} name="request" onPage={(number) => setParams({ page: String(number), key: '' })} />
        <Forgotten kept={all.length} />
        {listed.length === 0 && <Nothing any={all.length > 0} />}
      </div>
      {params.key && (
        <div className="split-detail">
          {open ? (
            <RequestDetail key={open.key} request={open} />
          ) : (
            <Empty title="This request is gone">It was removed, or the run that had it has ended.</Empty>
          )}
        </div>
      )}
    </div>
  );
}

/** Returns the filter from the page's address. The run searches the query in the contents of requests. */
function useFilter(params: Readonly<Record<string, string>>): RequestFilter {
  const { status, action = '', tenant = '', q = '', since = '' } = params;
  const now = useNow();
  const text = useSettled(q.trim(), TYPING_MS);
  const search = async () => (text === '' ? { keys: [] } : await api.search(text));
  const { value: found } = useLoaded(search, `search ${text}`);
  const period = PERIODS.find(({ value }) => value === since);
  return {
    status: GROUPS.find(({ value }) => value === status)?.value ?? NO_FILTER.status,
    action,
    tenant,
    text: q,
    // a response to an earlier query must not be shown for the current query
    found: new Set(text === q.trim() ? found?.keys : []),
    since: period ? now - period.ms : 0,
  };
}

/** Explains that the list is incomplete, if requests are missing. */
function Forgotten({ kept }: { readonly kept: number }) {
  const seen = useLive().data?.requestsSeen ?? 0;
  if (seen <= kept) return null;
  return (
    <p className="hint">
      The run has {seen.toLocaleString('en')} requests. The console keeps the latest {kept.toLocaleString('en')}, and
      counts and filters only these. The requests table contains all of them.
    </p>
  );
}

interface FiltersProps {
  readonly filter: RequestFilter;
  readonly all: Parameters<typeof countGroups>[0];
}

function Filters({ filter, all }: FiltersProps) {
  const { params } = useRoute();
  const counts = countGroups(all, filter);
  const values = (of: 'action' | 'tenant') => [...new Set(all.map((request) => request[of]))].sort();
  return (
    <div className="toolbar">
      <Choice
        label="Status"
        value={filter.status}
        options={GROUPS.map((group) => ({ ...group, count: counts[group.value] }))}
        onChange={(status) => setParams({ status: status === 'all' ? '' : status, page: '' })}
      />
      <Select
        label="Action"
        value={filter.action}
        all="All actions"
        options={values('action')}
        onChange={(action) => setParams({ action, page: '' })}
      />
      <Select
        label="Tenant"
        value={filter.tenant}
        all="All tenants"
        options={values('tenant')}
        onChange={(tenant) => setParams({ tenant, page: '' })}
      />
      <Select
        label="Time"
        value={params.since ?? ''}
        all="Any time"
        options={PERIODS.map(({ value }) => value)}
        labels={new Map(PERIODS.map(({ value, label }) => [value, label]))}
        onChange={(since) => setParams({ since, page: '' })}
      />
      <Search
        label="Filter by text in ids, errors, inputs, results and logs"
        value={filter.text}
        onChange={(q) => setParams({ q, page: '' })}
      />
    </div>
  );
}

function Nothing({ any }: { readonly any: boolean }) {
  if (any) {
    return (
      <Empty title="No request matches the filter">
        <a className="button" href={linkTo('requests')}>
          Show all
        </a>
      </Empty>
    );
  }
  return (
    <Empty title="No async request yet">
      <p>Sync actions are answered at once and are not stored: find them in the latency of the overview.</p>
      <a className="button primary" href={linkTo('send')}>
        Send a request
      </a>
    </Empty>
  );
}
