type Report = (error: unknown) => void;

/**
 * Calls a function of the application. If the function throws or its promise rejects, the error goes to `report`, because an error of the application
 * must not stop the client.
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

/** Throws an error in a separate task, where it does not stop the client. The error is then uncaught, like an error of any event listener. */
export function throwElsewhere(error: unknown): void {
  const { reportError } = platform();
  if (reportError) reportError(error);
  else
    setTimeout(() => {
      throw error;
    });
}

const platform = () => globalThis as { reportError?: Report };
