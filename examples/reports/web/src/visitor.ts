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

const FRAGMENT = '#visitor=';

/**
 * Address that opens the page on another device as the same visitor. The name is no secret in this demo; your own page takes the user from its login, and needs
 * no such link.
 */
export const deviceLink = (page: string, user: string): string =>
  `${page.split('#')[0]}${FRAGMENT}${encodeURIComponent(user)}`;

/** Takes the visitor's name from the address, if it was opened by such a link, and removes it there. */
export function takeVisitor(
  storage: Pick<KeyValues, 'setItem'>,
  { hash, pathname, search }: Pick<Location, 'hash' | 'pathname' | 'search'>,
  page: Pick<History, 'replaceState'>,
): void {
  if (!hash.startsWith(FRAGMENT)) return;
  storage.setItem(KEY, decodeURIComponent(hash.slice(FRAGMENT.length)));
  page.replaceState(null, '', pathname + search);
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
