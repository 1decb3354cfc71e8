import { LambdaApiError } from './errors';

/** The function in a request, with its version or alias. */
export interface FunctionReference {
  readonly functionName: string;
  /** First part of a full ARN: partition, Region and account. */
  readonly arnPrefix?: string;
  readonly account?: string;
  readonly qualifier?: string;
}

const ARN = /^(arn:[^:]+:lambda:[^:]*:(\d{12}):function:)([\w-]+)(?::([\w$-]+))?$/;
const PARTIAL_ARN = /^(\d{12}):(?:function:)?([\w-]+)(?::([\w$-]+))?$/;
const NAME = /^([\w-]+)(?::([\w$-]+))?$/;

/**
 * Parses a function's name, partial ARN or full ARN, each with or without a qualifier.
 *
 * @param qualifier the API's parameter `Qualifier`
 * @throws LambdaApiError `ValidationException` for any other string, or if there are two different qualifiers
 */
export function parseFunctionReference(text: string, qualifier?: string): FunctionReference {
  const named = parse(text);
  if (!named) {
    throw new LambdaApiError('ValidationException', 400, `'${text}' is not a function name, partial ARN or ARN`);
  }
  if (qualifier !== undefined && named.qualifier !== undefined && qualifier !== named.qualifier) {
    throw new LambdaApiError(
      'InvalidParameterValueException',
      400,
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  return { ...named, qualifier: qualifier ?? named.qualifier };
}

function parse(text: string): FunctionReference | undefined {
  const full = ARN.exec(text);
  if (full) return { arnPrefix: full[1], account: full[2], functionName: full[3] ?? '', qualifier: full[4] };
  const partial = PARTIAL_ARN.exec(text);
  if (partial) return { account: partial[1], functionName: partial[2] ?? '', qualifier: partial[3] };
  const name = NAME.exec(text);
  return name ? { functionName: name[1] ?? '', qualifier: name[2] } : undefined;
}
