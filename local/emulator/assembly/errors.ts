/** Something in the assembly cannot be read or resolved. The message names the stack and the place in its template. */
export class AssemblyError extends Error {
  public override readonly name = 'AssemblyError';

  /**
   * @param problem the mistake, and the remedy if it is known
   * @param stackName the stack it is in, where it is in one
   * @param path the place in the stack's template, for instance `Resources.F.Properties.Role`
   */
  public constructor(
    public readonly problem: string,
    public readonly stackName?: string,
    public readonly path?: string,
  ) {
    super([stackName, path, problem].filter((part) => part !== undefined && part !== '').join(': '));
  }
}
