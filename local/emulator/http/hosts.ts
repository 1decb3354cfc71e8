import { hostname } from 'node:os';

/** Decides whether a server accepts the name in a `Host` header. */
export type HostRule = (host: string | undefined) => boolean;

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** Accepts loopback names only. */
export const loopbackOnly: HostRule = (host) => LOOPBACK.test(nameOf(host));

/**
 * Returns the rule for accepted host names. A web page can map its own domain to this machine (DNS rebinding). The
 * browser then sends the page's domain, which no rule accepts.
 *
 * @param bound address on which the server listens. On a loopback address, a server accepts only loopback names. On any
 * other address, it also accepts IP addresses and the name of this machine. IP addresses are safe, because DNS
 * rebinding needs a domain.
 * @param allowed additional names to accept
 */
export function hostRule(bound = '127.0.0.1', allowed: readonly string[] = []): HostRule {
  const names = new Set([...allowed, bound].map((name) => name.toLowerCase()));
  if (isLoopback(bound)) return (host) => loopbackOnly(host) || names.has(nameOf(host));
  const machine = hostname().toLowerCase();
  for (const name of [machine, machine.split('.', 1)[0], `${machine.split('.', 1)[0]}.local`]) names.add(String(name));
  return (host) => {
    const name = nameOf(host);
    return loopbackOnly(host) || names.has(name) || IPV4.test(name) || IPV6.test(name);
  };
}

/**
 * Whether an address is a loopback address.
 *
 * @param address address on which a server listens. An IPv6 address has no brackets.
 */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address) || address === '::1';
}

/** Whether a page is from a server of this machine, over HTTP and on any port. */
export function isLoopbackOrigin(origin: string): boolean {
  return origin.startsWith('http://') && loopbackOnly(origin.slice('http://'.length));
}

function nameOf(host = ''): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase();
}
