/**
 * Error for a part of the assembly that cannot be read or resolved. The message names the stack and the path in its
 * template.
 */
export class AssemblyError extends Error {
  public override readonly name = 'AssemblyError';

  /**
   * @param problem the mistake, and the remedy if it is known
   * @param stackName the stack with the mistake; undefined for the assembly itself
   * @param path path in the stack's template, such as `Resources.F.Properties.Role`
   */
  public constructor(
    public readonly problem: string,
    public readonly stackName?: string,
    public readonly path?: string,
  ) {
    super([stackName, path, problem].filter((part) => part !== undefined && part !== '').join(': '));
  }
}
