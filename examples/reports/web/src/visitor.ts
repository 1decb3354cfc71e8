import type { KeyValues } from './history';

const KEY = 'reports.visitor';

/** The name this browser is known by: random, kept, and no secret. Its requests belong to it. */
export function visitorName(storage: Pick<KeyValues, 'getItem' | 'setItem'>, random: () => string): string {
  const known = storage.getItem(KEY);
  if (known) return known;
  const name = `visitor-${random()}`;
  storage.setItem(KEY, name);
  return name;
}

/** Asks the token endpoint for a token of this visitor. */
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
