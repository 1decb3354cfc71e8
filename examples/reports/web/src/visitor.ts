import type { KeyValues } from './history';

const KEY = 'reports.visitor';

/**
 * Returns a random name that identifies this browser as the owner of its requests. The name is stored and is not a
 * secret.
 */
export function visitorName(storage: Pick<KeyValues, 'getItem' | 'setItem'>, random: () => string): string {
  const known = storage.getItem(KEY);
  if (known) return known;
  const name = `visitor-${random()}`;
  storage.setItem(KEY, name);
  return name;
}

/** Gets a token for this visitor from the token endpoint. */
export async function issueToken(tokenUrl: string, user: string, fetcher: typeof fetch): Promise<string> {
  const response = await fetcher(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: user, tenant: 'demo' }),
  });
  if (!response.ok) throw new Error(`The token endpoint answered with status ${response.status}.`);
  const { token } = (await response.json()) as { token?: unknown };
  if (typeof token !== 'string') throw new Error('The token endpoint answered without a token.');
  return token;
}
