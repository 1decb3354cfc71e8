import { type DeliveryResult, retryAfterSeconds } from '../core';

/**
 * Posts JSON. Redirects are not followed: a signed body goes where it was meant to go, or nowhere.
 *
 * @throws Error when nothing was answered in time
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
  // nobody reads what else the receiver has to say
  await response.body?.cancel();
  const { status } = response;
  return { status, retryAfterSeconds: retryAfterSeconds(response.headers.get('retry-after') ?? undefined, now()) };
}

/** `fetch failed` hides why in its cause; neither is let through as it is, because it may quote the URL. */
function plainError({ name, cause }: Error): Error {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return new Error(name === 'TimeoutError' ? 'no answer in time' : `no answer: ${String(code ?? name)}`);
}
