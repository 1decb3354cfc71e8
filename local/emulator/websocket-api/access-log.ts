import type { RequestContext } from './events';

/** Values of one request for the access log. */
export interface AccessEntry {
  readonly context: RequestContext;
  readonly status: number;
  /** Duration of the integration in milliseconds; absent if no integration was called. */
  readonly integrationLatency?: number;
  readonly integrationStatus?: number;
  readonly errorMessage?: string;
}

const VARIABLE = /\$context\.([A-Za-z]+(?:\.[\w-]+)*)/g;

/**
 * Formats a line in the access log format of a stage. As in API Gateway, a variable without a value is `-`. Values are
 * escaped as in JSON, so that they cannot begin a new line. The line never contains the query string.
 */
export function formatAccessLine(format: string, entry: AccessEntry): string {
  return format.replace(VARIABLE, (_variable, path: string) => {
    const value = valueFor(path, entry);
    if (value === undefined || value === null || value === '') return '-';
    return path === 'error.messageString' ? String(value) : JSON.stringify(String(value)).slice(1, -1);
  });
}

function valueFor(path: string, entry: AccessEntry): unknown {
  const { status, integrationLatency, integrationStatus, errorMessage } = entry;
  const known = new Map<string, unknown>([
    ['status', status],
    ['integrationLatency', integrationLatency],
    ['integration.latency', integrationLatency],
    ['integrationStatus', integrationStatus],
    ['integration.status', integrationStatus],
    ['integrationErrorMessage', errorMessage],
    ['integration.error', errorMessage],
    ['error.message', errorMessage],
    ['error.messageString', errorMessage && JSON.stringify(errorMessage)],
  ]);
  return known.has(path) ? known.get(path) : contextValue(path, entry.context);
}

function contextValue(path: string, context: RequestContext): unknown {
  let value: unknown = context;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === 'object' ? undefined : value;
}
