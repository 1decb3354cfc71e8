/** Calls back at moments at which a connection is worth trying; returns how to stop that. */
export type Wake = (callback: () => void) => () => void;

interface Target {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** In a browser: when the network is back, and when the page is looked at again. Elsewhere: never. */
export const browserWake: Wake = (callback) => {
  const { window, document } = globalThis as { window?: Target; document?: Target & { visibilityState?: string } };
  const onVisible = (): void => {
    if (document?.visibilityState === 'visible') callback();
  };
  window?.addEventListener('online', callback);
  document?.addEventListener('visibilitychange', onVisible);
  return () => {
    window?.removeEventListener('online', callback);
    document?.removeEventListener('visibilitychange', onVisible);
  };
};
