/** Subscribes to platform events after which a connection attempt may succeed, or that report a lost network. Returns a function that unsubscribes. */
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
 * Pages and workers report when the network is available again or lost, and when the page becomes visible. Other platforms (Node, React Native, whose `window`
 * has no events) report nothing.
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
