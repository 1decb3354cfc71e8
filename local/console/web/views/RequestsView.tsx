import { setParams, useLive, useRoute } from '../context';
import { useKeys } from '../hooks';
import { countGroups, filterRequests, NO_FILTER, type RequestFilter, type StatusGroup } from '../logic/filters';
import { formatRoute, linkTo } from '../logic/route';
import { Choice, Select } from '../ui/Choice';
import { Empty } from '../ui/Empty';
import { Search } from '../ui/Search';
import { RequestDetail } from './requests/RequestDetail';
import { RequestRow } from './requests/RequestRow';

const SHOWN = 200;

const GROUPS: readonly { value: StatusGroup; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'active', label: 'Active' },
  { value: 'completed', label: 'Completed' },
  { value: 'failed', label: 'Failed' },
  { value: 'cancelled', label: 'Cancelled' },
];

/** The requests, and all about the one that is open. */
export function RequestsView() {
  const { requestsByKey } = useLive();
  const { params } = useRoute();
  const all = [...requestsByKey.values()];
  const filter = filterOf(params);
  const listed = filterRequests(all, filter);
  const open = requestsByKey.get(params.key ?? '');
  const step = (by: number) => {
    const at = listed.findIndex(({ key }) => key === params.key);
    const next = listed[at < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, at + by))];
    if (next) setParams({ key: next.key });
  };
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => setParams({ key: '' }) });
  return (
    <div className={params.key ? 'split open' : 'split'}>
      <div className="split-list">
        <h1 className="view-title">Requests</h1>
        <Filters filter={filter} all={all} />
        <div className="rows">
          {listed.slice(0, SHOWN).map((request) => (
            <RequestRow
              key={request.key}
              request={request}
              chosen={request.key === params.key}
              href={formatRoute({ view: 'requests', params: { ...params, key: request.key } })}
            />
          ))}
        </div>
        {listed.length > SHOWN && (
          <p className="hint">
            The newest {SHOWN} of {listed.length}. Filter to see others.
          </p>
        )}
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

function filterOf({ status, action = '', tenant = '', q = '' }: Readonly<Record<string, string>>): RequestFilter {
  const group = GROUPS.find(({ value }) => value === status)?.value ?? NO_FILTER.status;
  return { status: group, action, tenant, text: q };
}

interface FiltersProps {
  readonly filter: RequestFilter;
  readonly all: Parameters<typeof countGroups>[0];
}

function Filters({ filter, all }: FiltersProps) {
  const counts = countGroups(all, filter);
  const values = (of: 'action' | 'tenant') => [...new Set(all.map((request) => request[of]))].sort();
  return (
    <div className="toolbar">
      <Choice
        label="Status"
        value={filter.status}
        options={GROUPS.map((group) => ({ ...group, count: counts[group.value] }))}
        onChange={(status) => setParams({ status: status === 'all' ? '' : status })}
      />
      <Select
        label="Action"
        value={filter.action}
        all="All actions"
        options={values('action')}
        onChange={(action) => setParams({ action })}
      />
      <Select
        label="Tenant"
        value={filter.tenant}
        all="All tenants"
        options={values('tenant')}
        onChange={(tenant) => setParams({ tenant })}
      />
      <Search label="Filter requests" value={filter.text} onChange={(q) => setParams({ q })} />
    </div>
  );
}

function Nothing({ any }: { readonly any: boolean }) {
  if (any) {
    return (
      <Empty title="No request fits the filter">
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
