/**
 * Tells of each call of an object's method, which works as before.
 *
 * @param told called with what the method was called with and what it returned
 */
export function observe<Name extends string, Args extends unknown[], Result>(
  target: { [Method in Name]: (...args: Args) => Result },
  name: Name,
  told: (args: Args, result: Result) => void,
): void {
  const original: (...args: Args) => Result = target[name];
  const observed = (...args: Args): Result => {
    const result = original.apply(target, args);
    told(args, result);
    return result;
  };
  Object.assign(target, { [name]: observed });
}
