import { type Owner, type RequestSummary, summaryOf } from '../../core';
import { type RequestMessage, StreamerError, toStreamerError, type WireError } from '../../protocol';
import { checkInputSize, parseInput, type SchemaSource } from '../handlers/input';
import { publicError } from '../handlers/public-error';
import type { Deps, Log } from '../ports';
import { type StoreDeps, storeRequest } from '../requests/accept';
import { readCommand } from './command';
import { type StatusDeps, type StatusReport, statusOf } from './status';

/** An action as the submitter knows it. */
export type SubmitterAction =
  | { readonly kind: 'sync' }
  | { readonly kind: 'async'; readonly schema?: SchemaSource; readonly maxAttempts: number };

export interface SubmitDeps extends StoreDeps, Pick<Deps, 'limits'> {
  readonly actions: ReadonlyMap<string, SubmitterAction>;
}

/** What a submission is answered with: the request as it stands. */
export interface Submitted extends RequestSummary {
  /** The same request had been submitted before. */
  readonly replayed: boolean;
}

/** Stores a request that no connection asks for: any connection of its owner may attach to it. */
export async function submit(deps: SubmitDeps, owner: Owner, message: RequestMessage): Promise<Submitted> {
  const { maxAttempts, schema } = asyncAction(deps, message.action);
  checkInputSize(message.input, deps.limits);
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

export interface SubmissionDeps extends SubmitDeps, StatusDeps {
  readonly log: Log;
}

/** The submitter's answer: a request that was refused is one too. */
export type SubmissionAnswer =
  | ({ readonly ok: true } & (Submitted | StatusReport))
  | { readonly ok: false; readonly error: WireError };

/**
 * Answers one invocation of the submitter.
 *
 * @throws unexpected errors and errors with an unknown outcome, so that Lambda repeats an asynchronous invocation with the same id
 */
export async function answerSubmission(
  deps: SubmissionDeps,
  event: unknown,
  invocationId: string,
): Promise<SubmissionAnswer> {
  try {
    const command = readCommand(event, invocationId);
    const answer =
      command.type === 'submit'
        ? await submit(deps, command.owner, command.message)
        : await statusOf(deps, command.owner, command.id);
    return { ok: true, ...answer };
  } catch (thrown) {
    const { code } = toStreamerError(thrown);
    if (code === 'INTERNAL' || code === 'OUTCOME_UNKNOWN') throw thrown;
    const error = publicError(deps.log, 'a submission failed', thrown);
    tell(deps.log, error);
    return { ok: false, error: error.toWire() };
  }
}

/** Nobody reads the answer of an asynchronous invocation: a schedule that submits what is refused shows here. The text may quote the input. */
function tell(log: Log, { code }: StreamerError): void {
  if (code !== 'NOT_FOUND') log.warn('a submission was refused', { code });
}
