/** An error in the format of the Runtime API. */
export interface RuntimeError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string[];
}

/** An error of the runtime itself. Its name, `Runtime.…`, is the error type that the caller receives. */
export class RuntimeFailure extends Error {
  public constructor(type: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = type;
  }
}

/**
 * Converts a thrown value to the format of the Runtime API. If the value is not an Error, the error's name is the type
 * of the value.
 */
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

// Whether a value is an Error. `instanceof` does not recognize errors of another realm, such as those from `vm`
// contexts.
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}
