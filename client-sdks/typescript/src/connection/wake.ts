/**
 * Subscribes to events of the platform. `callback`: called when a connection attempt may succeed, or when the device was asleep. `onOffline`: called
 * when the network is lost. `onFreeze`: called when no code will run for a while. Returns a function that unsubscribes.
 */
export type Wake = (callback: () => void, onOffline: () => void, onFreeze: () => void) => () => void;

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
 * Subscribes to the events of a page or a worker: the network is available again or lost, the page becomes visible, or the page is frozen or resumed.
 * Other platforms report nothing (Node.js, and React Native, whose `window` has no events).
 */
export const browserWake: Wake = (callback, onOffline, onFreeze) => {
  const platform = globalThis as Platform;
  const { document, navigator } = platform;
  const onResume = (): void => {
    if (navigator?.onLine !== false) callback();
  };
  const onVisible = (): void => {
    if (document?.visibilityState === 'visible') onResume();
  };
  const listeners: [Target | undefined, string, () => void][] = [
    [platform, 'online', callback],
    [platform, 'offline', onOffline],
    [document, 'visibilitychange', onVisible],
    [document, 'resume', onResume],
    [document, 'freeze', onFreeze],
  ];
  for (const [target, type, listener] of listeners) target?.addEventListener?.(type, listener);
  if (navigator?.onLine === false) onOffline();
  return () => {
    for (const [target, type, listener] of listeners) target?.removeEventListener?.(type, listener);
  };
};
