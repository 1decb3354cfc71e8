/** A failure in the format of the Runtime API. */
export interface RuntimeError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string[];
}

/** An error of the runtime itself; its name, `Runtime.…`, is the error type for the caller. */
export class RuntimeFailure extends Error {
  public constructor(type: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = type;
  }
}

/** Anything thrown, in the shape of the Runtime API. Values that are no errors are named by their type. */
export function toRuntimeError(thrown: unknown): RuntimeError {
  if (!isErrorLike(thrown)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  return {
    errorType: thrown.name || 'Error',
    errorMessage: String(thrown.message),
    trace: String(thrown.stack ?? '').split('\n'),
  };
}

// `instanceof` would miss errors of another realm, for instance those thrown inside `vm` contexts.
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}
