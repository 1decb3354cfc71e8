import type { StateSlot } from '../state';
import { type FunctionCredentials, newCredentials } from './variables';

type KeptRecord = readonly [functionName: string, credentials: FunctionCredentials];

/** The credentials of functions. With state, they are the same in a later run, so that their signatures stay valid. */
export class KeptCredentials {
  private readonly known: Map<string, FunctionCredentials>;

  public constructor(
    private readonly newId: () => string,
    private readonly slot?: StateSlot,
  ) {
    this.known = new Map((slot?.restore() ?? []) as KeptRecord[]);
    slot?.onSnapshot(() => this.known);
  }

  public of(functionName: string): FunctionCredentials {
    const credentials = this.known.get(functionName) ?? newCredentials(this.newId);
    if (!this.known.has(functionName)) this.slot?.append([functionName, credentials] satisfies KeptRecord);
    this.known.set(functionName, credentials);
    return credentials;
  }
}
