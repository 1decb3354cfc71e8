/**
 * Subscribes to events of the platform. After some, a connection attempt may succeed; others report that the network is lost. Returns a function that
 * unsubscribes.
 */
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
 * Subscribes to the events of a page or a worker: the network is available again or lost, or the page becomes visible. Other platforms report nothing
 * (Node.js, and React Native, whose `window` has no events).
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
