import { hostname } from 'node:os';

/** Decides whether a server answers to the name in a `Host` header. */
export type HostRule = (host: string | undefined) => boolean;

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** Accepts loopback names only. */
export const loopbackOnly: HostRule = (host) => LOOPBACK.test(nameOf(host));

/**
 * The names that a server answers to. A web page can point a name of its own at this machine (DNS rebinding); the browser then sends
 * that name, which is in none of these rules.
 *
 * @param bound the address that the server listens on. On a loopback address only loopback names are accepted; on any other one also
 *   IP addresses, which nobody can rebind, and this machine's own name
 * @param allowed names that are accepted as well
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

/** @param address as a server binds to it: an IPv6 address has no brackets */
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
