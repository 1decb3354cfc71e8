/** Calls back at moments at which a connection is worth trying, and where the network is gone; returns how to stop that. */
export type Wake = (callback: () => void, onOffline: () => void) => () => void;

type Listen = (type: string, listener: () => void) => void;
interface Target {
  readonly addEventListener?: Listen;
  readonly removeEventListener?: Listen;
}
interface Platform extends Target {
  readonly document?: Target & { readonly visibilityState?: string };
  readonly navigator?: { readonly onLine?: boolean };
}

/**
 * In a page and in a worker: when the network is back or gone, and when the page is looked at again. Elsewhere (Node, React
 * Native, whose `window` has no events): never.
 */
export const browserWake: Wake = (callback, onOffline) => {
  const platform = globalThis as Platform;
  const { document, navigator } = platform;
  const onVisible = (): void => {
    if (document?.visibilityState === 'visible' && navigator?.onLine !== false) callback();
  };
  const listeners: [Target | undefined, string, () => void][] = [
    [platform, 'online', callback],
    [platform, 'offline', onOffline],
    [document, 'visibilitychange', onVisible],
  ];
  for (const [target, type, listener] of listeners) target?.addEventListener?.(type, listener);
  if (navigator?.onLine === false) onOffline();
  return () => {
    for (const [target, type, listener] of listeners) target?.removeEventListener?.(type, listener);
  };
};
