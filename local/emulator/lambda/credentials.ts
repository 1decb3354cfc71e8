import type { StateSlot } from '../state';
import { type FunctionCredentials, newCredentials } from './variables';

type KeptRecord = readonly [functionName: string, credentials: FunctionCredentials];

/**
 * Credentials of functions. If there is persistent state, a later run has the same credentials, so that signatures stay
 * valid.
 */
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
