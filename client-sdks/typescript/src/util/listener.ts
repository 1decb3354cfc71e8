type Report = (error: unknown) => void;

/**
 * Calls a function of the application. An error that it throws, or that its promise rejects with, goes to `report`: an application's error must not stop the
 * client.
 */
export function callListener(listener: () => unknown, report: Report): void {
  try {
    const returned = listener() as PromiseLike<unknown> | null | undefined;
    if (typeof returned?.then === 'function') returned.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** Reports an error of a listener if the application has set no function for it. */
export function reportUncaught(error: unknown): void {
  (platform().reportError ?? console.error)(error);
}

/** Throws an error in a separate task, where it does not stop the client: the error is then uncaught, like that of any event listener. */
export function throwElsewhere(error: unknown): void {
  const { reportError } = platform();
  if (reportError) reportError(error);
  else
    setTimeout(() => {
      throw error;
    });
}

const platform = () => globalThis as { reportError?: Report };
