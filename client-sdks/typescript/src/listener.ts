type Report = (error: unknown) => void;

/**
 * Calls a function of the application. What it throws, and what a promise that it returns is rejected with, goes to
 * `report`: an application's error must not stop the client.
 */
export function callListener(listener: () => unknown, report: Report): void {
  try {
    const returned = listener() as PromiseLike<unknown> | null | undefined;
    if (typeof returned?.then === 'function') returned.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** Reports an error of a listener where nobody else is there for it. */
export function reportUncaught(error: unknown): void {
  (platform().reportError ?? console.error)(error);
}

/** Throws an error where it stops nothing of the client: it is then uncaught, as that of any event listener. */
export function throwElsewhere(error: unknown): void {
  const { reportError } = platform();
  if (reportError) reportError(error);
  else
    setTimeout(() => {
      throw error;
    });
}

const platform = () => globalThis as { reportError?: Report };
