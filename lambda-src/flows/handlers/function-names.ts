import { StreamerError } from '../../protocol';
import type { Functions } from './invoked-function';

/** Where the names of functions are that are known at deployment only. */
export interface FunctionNames {
  /**
   * Name or ARN of the function that does an action's work.
   *
   * @param refused a name under which Lambda did not find the function, or did not let it be invoked: the names are read again
   */
  nameOf(action: string, signal: AbortSignal, refused?: string): Promise<string>;
}

type Names = Readonly<Record<string, string>>;

/** Names in the environment, read when the first one is needed: where one is missing, only its own action fails. */
export class NamesInEnvironment implements FunctionNames {
  private names?: Names;

  public constructor(private readonly read: () => Names) {}

  public async nameOf(action: string): Promise<string> {
    this.names ??= this.read();
    return named(this.names, action);
  }
}

/**
 * Names that another function returns, because they do not fit into the environment. They are read once in the life of a process, and
 * again where Lambda refuses one: a deployment may have replaced the function.
 */
export class NamesInFunction implements FunctionNames {
  private names: Names = {};

  /** @param source name of the function that returns all names by action */
  public constructor(
    private readonly functions: Functions,
    private readonly source: string,
  ) {}

  public async nameOf(action: string, signal: AbortSignal, refused?: string): Promise<string> {
    const known = this.names[action];
    if (known !== undefined && known !== refused) return known;
    this.names = await this.readAll(signal);
    return named(this.names, action);
  }

  /** The action did not run, so that it may be asked again whatever was in the way. */
  private async readAll(signal: AbortSignal): Promise<Names> {
    const reply = await this.functions.invoke(this.source, '{}', signal);
    if (reply.kind === 'returned') return JSON.parse(reply.body) as Names;
    throw new StreamerError('UNAVAILABLE', 'The action did not run: the name of its function could not be read.', {
      cause: causeOf(reply),
      retryAfter: 1,
    });
  }
}

type Failure = Exclude<Awaited<ReturnType<Functions['invoke']>>, { kind: 'returned' }>;

function causeOf(reply: Failure): unknown {
  if (reply.kind === 'throttled') return new Error('the function of names was throttled');
  if (reply.kind !== 'failed') return reply.cause;
  return new Error(`the function of names failed: ${reply.error.errorType}: ${reply.error.errorMessage}`);
}

function named(names: Names, action: string): string {
  const name = names[action];
  if (!name) throw new Error(`no function is named for the action ${action}`);
  return name;
}
