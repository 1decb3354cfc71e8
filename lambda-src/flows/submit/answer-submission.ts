import { type StreamerError, toStreamerError, type WireError } from '../../protocol';
import { logHidden } from '../handlers/public-error';
import type { Log } from '../ports';
import { readCommand } from './command';
import { type StatusDeps, type StatusReport, statusOf } from './status';
import { type SubmitDeps, type Submitted, submit } from './submit';

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
    const error = toStreamerError(thrown);
    if (error.code === 'INTERNAL' || error.code === 'OUTCOME_UNKNOWN') throw thrown;
    logHidden(deps.log, 'a submission failed', thrown);
    tell(deps.log, error);
    return { ok: false, error: error.toWire() };
  }
}

/** Nobody reads the answer of an asynchronous invocation: a schedule that submits what is refused shows here. The text may quote the input. */
function tell(log: Log, { code }: StreamerError): void {
  if (code !== 'NOT_FOUND') log.warn('a submission was refused', { code });
}
