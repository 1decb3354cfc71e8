import { hostname } from 'node:os';

/** Decides whether a server accepts the name in a `Host` header. */
export type HostRule = (host: string | undefined) => boolean;

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** Accepts loopback names only. */
export const loopbackOnly: HostRule = (host) => LOOPBACK.test(nameOf(host));

/**
 * The names that a server accepts. A web page can point its own domain at this machine (DNS rebinding); the browser then sends that name, which matches none of
 * these rules.
 *
 * @param bound the address that the server listens on. On a loopback address only loopback names are accepted; on any other one also IP addresses, which cannot
 *   be rebound, and this machine's own name
 * @param allowed additional names that are accepted
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

/** @param address address that a server binds to: an IPv6 address has no brackets */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address) || address === '::1';
}

/** Whether the origin is a page that a server of this machine serves over HTTP, on any port. */
export function isLoopbackOrigin(origin: string): boolean {
  return origin.startsWith('http://') && loopbackOnly(origin.slice('http://'.length));
}

function nameOf(host = ''): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase();
}
