import { DEFAULTS, type Limits } from '../../../src/contract';
import type { Owner } from '../../core/keys';
import { type RequestSummary, summaryOf } from '../../core/request';
import { type RequestMessage, StreamerError } from '../../protocol';
import { parseInput, type SchemaSource } from '../handlers/input';
import { checkInputSize } from '../handlers/limits';
import { type StoreDeps, storeRequest } from '../requests/store-request';

/** An action as the submitter knows it. */
export type SubmitterAction =
  | { readonly kind: 'sync' }
  | { readonly kind: 'async'; readonly schema?: SchemaSource; readonly maxAttempts: number };

export interface SubmitDeps extends StoreDeps {
  readonly actions: ReadonlyMap<string, SubmitterAction>;
  readonly limits?: Limits;
}

/** What a submission is answered with: the request as it stands. */
export interface Submitted extends RequestSummary {
  /** The same request had been submitted before. */
  readonly replayed: boolean;
}

/** Stores a request that no connection asks for: any connection of its owner may attach to it. */
export async function submit(deps: SubmitDeps, owner: Owner, message: RequestMessage): Promise<Submitted> {
  const { maxAttempts, schema } = asyncAction(deps, message.action);
  checkInputSize(message.input, deps.limits ?? DEFAULTS.limits);
  await parseInput(schema, message.input);
  const { request, replayed } = await storeRequest(deps, { owner, message, maxAttempts });
  return { ...summaryOf(request), replayed };
}

function asyncAction({ actions }: SubmitDeps, name: string) {
  const action = actions.get(name);
  if (action?.kind === 'async') return action;
  const reason = action
    ? `${name} is a sync action, which answers on its connection only`
    : `There is no action ${name}`;
  throw new StreamerError('UNKNOWN_ACTION', `${reason}. Submit an async one.`);
}
