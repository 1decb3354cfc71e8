import { type DeliveryResult, retryAfterSeconds } from '../core';

/**
 * Posts JSON. Redirects are not followed, so that a signed body is never sent to another address.
 *
 * @throws Error if the receiver does not answer in time
 */
export async function postJson(
  url: string,
  headers: Record<string, string>,
  body: string,
  { timeoutMs, now }: { readonly timeoutMs: number; readonly now: () => number },
): Promise<DeliveryResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'cdk-streamer', ...headers },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => {
    throw plainError(error);
  });
  // the answer's body is not needed
  await response.body?.cancel();
  const { status } = response;
  return { status, retryAfterSeconds: retryAfterSeconds(response.headers.get('retry-after') ?? undefined, now()) };
}

/**
 * Returns an error that names only the code of the failure. The messages of the original error (`fetch failed`) and of its cause are left out,
 * because they may contain the URL.
 */
function plainError({ name, cause }: Error): Error {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return new Error(name === 'TimeoutError' ? 'no answer in time' : `no answer: ${String(code ?? name)}`);
}
