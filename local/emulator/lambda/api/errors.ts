/** An error response of the Invoke API, with the documented name and HTTP status. */
export class LambdaApiError extends Error {
  public constructor(
    public readonly code: string,
    public readonly status: number,
    message: string,
    /** Additional fields of the error's body. */
    public readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = code;
  }
}
