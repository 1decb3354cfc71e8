/** Returns the value of an action; undefined if it throws. A storage throws if it is full, or if the browser does not allow access. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
