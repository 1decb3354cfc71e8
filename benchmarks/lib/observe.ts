type Method = (...args: never[]) => unknown;
type MethodOf<Target, Name extends keyof Target> = Extract<Target[Name], Method>;

/**
 * Reports each call of an object's method. The method itself works as before.
 *
 * @param told called with the arguments and the return value of the call
 */
export function observe<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  told: (args: Parameters<MethodOf<Target, Name>>, result: ReturnType<MethodOf<Target, Name>>) => void,
): void {
  const original = target[name] as Method;
  const observed = (...args: never[]) => {
    const result = original.apply(target, args);
    told(args as Parameters<MethodOf<Target, Name>>, result as ReturnType<MethodOf<Target, Name>>);
    return result;
  };
  Object.assign(target, { [name]: observed });
}
