export const VIEWS = ['overview', 'requests', 'connections', 'queues', 'tables', 'logs', 'send'] as const;
export type ViewName = (typeof VIEWS)[number];

/** A view and its parameters. In the page's address they look like `#/requests?status=failed&key=…`. */
export interface Route {
  readonly view: ViewName;
  readonly params: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const view = VIEWS.find((name) => name === path) ?? 'overview';
  return { view, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Formats a view and its parameters for the address. Empty parameters are left out. */
export function formatRoute({ view, params }: Route): string {
  const given = Object.entries(params).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

export function linkTo(view: ViewName, params: Readonly<Record<string, string>> = {}): string {
  return formatRoute({ view, params });
}
