import { PATHS } from '../../run/http/endpoints';

/**
 * Details of a failed request from the local run. The command needs them because clients receive only the code of an
 * error.
 */
export interface Explanation {
  /** Error of the last attempt; absent if the run has no record of it. */
  readonly thrown?: { readonly title: string; readonly place?: string };
  /**
   * Address in the console: the page of the request, or the log lines of a sync request. The console lists only stored
   * requests.
   */
  readonly console: string;
}

/** A failed request that the command has sent. */
export interface FailedRequest {
  readonly id: string;
  readonly isSync: boolean;
}

const MAX_ATTEMPTS = 5;
const WAIT_MS = 100;
const ANSWER_MS = 2_000;

/**
 * Reads the error of a request from the run's console. The function's output may arrive slightly later than the
 * client's error, so this function polls for half a second. It never rejects, because the explanation is optional.
 */
export async function explain(endpoint: string, { id, isSync }: FailedRequest): Promise<Explanation> {
  const view = isSync ? 'logs' : 'requests';
  const console = `${endpoint}${PATHS.console}/#/${view}?q=${encodeURIComponent(id)}`;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const thrown = await lastFailure(endpoint, id);
    if (thrown) return { thrown, console };
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  return { console };
}

async function lastFailure(endpoint: string, id: string): Promise<Explanation['thrown']> {
  try {
    const url = `${endpoint}${PATHS.console}/api/failures?id=${encodeURIComponent(id)}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { failures } = (await response.json()) as { failures?: { title: string; place?: string }[] };
    return failures?.at(-1);
  } catch {
    return undefined;
  }
}
