import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Snapshot } from '../types';
import type { LiveState, LiveStore } from './live-store';
import { formatRoute, parseRoute, type Route } from './logic/route';
import type { Session } from './session';

/** Values that every view can use. */
export interface Services {
  readonly live: LiveStore;
  readonly session: Session;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('outside of the console');
  return services;
}

export function useLive(): LiveState {
  const { live } = useServices();
  return useSyncExternalStore(live.subscribe, live.get);
}

/** Returns the run's data. Views are shown only after the data has arrived. */
export function useData(): Snapshot {
  const { data } = useLive();
  if (!data) throw new Error('no data yet');
  return data;
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(onHashChange, () => location.hash));
}

/**
 * Changes parameters of the shown view in the page's address. Empty parameters are removed. The change is not an entry
 * in the browser's history.
 */
export function setParams(params: Readonly<Record<string, string>>): void {
  const route = parseRoute(location.hash);
  history.replaceState(undefined, '', formatRoute({ ...route, params: { ...route.params, ...params } }));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
