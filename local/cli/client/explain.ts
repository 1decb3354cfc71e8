import { PATHS } from '../../runner/endpoints';

/** What the local run knows of a request that failed: clients get the code of its error only. */
export interface Explanation {
  /** What the last attempt has thrown; absent where the run has read nothing of the kind. */
  readonly thrown?: { readonly title: string; readonly place?: string };
  /** Address of the request in the console. */
  readonly console: string;
}

const TRIES = 5;
const WAIT_MS = 100;
const ANSWER_MS = 2_000;

/**
 * Asks the run's console what a request has thrown. The function's output may come a little later than the client's
 * error, so it asks again for half a second. Never rejects: an explanation is a service, not a result.
 */
export async function explain(endpoint: string, id: string): Promise<Explanation> {
  const console = `${endpoint}${PATHS.console}/#/requests?q=${encodeURIComponent(id)}`;
  for (let tries = 0; tries < TRIES; tries++) {
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
