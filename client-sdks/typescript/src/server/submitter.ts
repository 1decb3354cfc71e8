import { TRANSFERS } from '../payload/transfer';
import { uploadInput } from '../payload/upload-input';
import type { CancelResult, SendOptions } from '../request/handle';
import type { ProgressReport } from '../request/request-state';
import type {
  InputOf,
  ListOptions,
  MessageArguments,
  MessagesOf,
  RequestPage,
  ResultOf,
  UntypedActions,
} from '../types';
import { callListener, reportUncaught } from '../util/listener';
import { Stop } from '../util/stop';
import {
  checkAction,
  checkId,
  encodeCancel,
  encodeInput,
  encodeRequest,
  type LargeRequest,
  listFields,
} from '../wire/encode';
import { StreamerError } from '../wire/errors';
import type { Download, Json, Upload } from '../wire/messages';
import { isTerminal } from '../wire/protocol';
import type { Caller } from './caller';
import type { RequestReport, ServerIdentity, SubmitOptions, SubmittedRequest, WaitOptions } from './types';
import { Patience } from './waiting';

/** A report as the submit function returns it. A value that does not fit into the answer is a URL. */
type StoredReport = RequestReport & { readonly resultAt?: Download; readonly partialAt?: Download };

type SubmitArguments<Action> =
  undefined extends InputOf<Action>
    ? [input?: InputOf<Action>, options?: SubmitOptions<Action>]
    : [input: InputOf<Action>, options?: SubmitOptions<Action>];

/** Submits, reads and cancels requests of one user, and sends messages to them, without a connection. */
export class StreamerSubmitter<Actions = UntypedActions> {
  /** @internal */
  constructor(
    private readonly caller: Caller,
    private readonly identity: ServerIdentity,
    private readonly newId: () => string,
  ) {}

  /**
   * Submits a request. When the promise resolves, the request is stored. Any client of the user may attach to it.
   *
   * The input may be left out only if the action's input may be `undefined`.
   *
   * @throws StreamerError `UNKNOWN_ACTION`, `INVALID_INPUT`, `PAYLOAD_TOO_LARGE`, `DUPLICATE_REQUEST`, `MESSAGE_TOO_LARGE`, `FORBIDDEN`, or the error of the
   * last retry: `RATE_LIMITED`, `UNAVAILABLE`, `INTERNAL`
   */
  async submit<Action extends keyof Actions & string>(
    action: Action,
    ...[input, options]: SubmitArguments<Actions[Action]>
  ): Promise<SubmittedRequest<Actions[Action]>> {
    // The id is created before the first call, so that each retry names the same request.
    const id = options?.id ?? this.newId();
    const text = await encodeRequest(id, action, input, options, (large) => this.upload(large));
    const message = JSON.parse(text) as Record<string, Json>;
    const answer = await this.call({ ...message, type: 'submit' }, {});
    return answer as unknown as SubmittedRequest<Actions[Action]>;
  }

  /**
   * Reads the status of a request.
   *
   * @throws StreamerError `NOT_FOUND`, or an error of `submit` that comes from Lambda
   */
  async status(id: string): Promise<RequestReport> {
    checkId(id);
    return this.withPatience({}, async (patience) => this.withValue(await this.read(id, patience), patience));
  }

  /**
   * Lists the requests of the user, the newest first. A page may have fewer requests than `limit`, or none, although more pages follow. Only the last
   * page has no `cursor`.
   *
   * @throws StreamerError `INVALID_MESSAGE` if an option is invalid, or an error of `submit` that comes from Lambda
   */
  async requests<Action extends keyof Actions & string = keyof Actions & string>(
    options: ListOptions<Action> = {},
  ): Promise<RequestPage<Pick<Actions, Action>>> {
    const page = await this.call({ type: 'list', ...listFields(options) }, {});
    return page as unknown as RequestPage<Pick<Actions, Action>>;
  }

  /**
   * Cancels a request of the user, for all its viewers. Its handler gets a signal within a second and is never retried.
   *
   * @param reason reason that the handler and the viewers get; at most 256 characters. If the request is cancelled again, the first reason is kept
   * @returns the state of the request: `RUNNING` if its handler was notified and the request will end soon. A request that has ended keeps its
   * outcome
   * @throws StreamerError `NOT_FOUND`, `INVALID_MESSAGE`, or an error of `submit` that comes from Lambda
   */
  async cancel(id: string, reason?: string): Promise<CancelResult> {
    encodeCancel(id, reason);
    return (await this.call({ type: 'cancel', id, reason }, {})) as unknown as CancelResult;
  }

  /**
   * Sends a message to a running request of the user. The message is stored when the promise resolves. The handler gets the message once. To send several messages in
   * order, wait for each promise.
   *
   * @param id the id of the request
   * @param name the name of the message, which the handler of the action declares with the type of its data
   * @throws StreamerError `NOT_FOUND`, `REQUEST_ENDED`, `TOO_MANY_INPUTS`, `INVALID_INPUT` if the handler does not take the message, `INVALID_MESSAGE`,
   * `MESSAGE_TOO_LARGE`, and the errors of `submit` that a failed Lambda invocation causes
   */
  async send<
    Action extends keyof Actions & string,
    Name extends keyof MessagesOf<Actions[Action]> & string = keyof MessagesOf<Actions[Action]> & string,
  >(
    action: Action,
    id: string,
    name: Name,
    ...[data, options]: MessageArguments<MessagesOf<Actions[Action]>[Name], SendOptions>
  ): Promise<void> {
    checkAction(action);
    // The id is created before the first call, so that each retry is the same message.
    const message = JSON.parse(encodeInput(options?.id ?? this.newId(), id, name, data)) as Record<string, Json>;
    await this.call({ ...message, type: 'send' }, {});
  }

  /**
   * Waits for the outcome of a request. It reads the status repeatedly, at growing intervals.
   *
   * @param request the return value of `submit`, or the id of a request
   * @throws StreamerError with the code of the handler's error; or `ABORTED`, `TIMEOUT`, `NOT_FOUND`; or an error of `submit` that comes from Lambda
   */
  async wait<Action = unknown>(
    request: SubmittedRequest<Action> | string,
    options: WaitOptions = {},
  ): Promise<ResultOf<Action>> {
    const { id, status } = typeof request === 'string' ? { id: request, status: undefined } : request;
    checkId(id);
    const isNew = status !== undefined && !isTerminal(status);
    const report = await this.withPatience(options, (patience) => this.poll(id, isNew, patience, options.onProgress));
    const { error, partial } = report;
    if (error) throw new StreamerError(error.code, error.message, { ...error, partial });
    return report.result as ResultOf<Action>;
  }

  /** Downloads the value of a report that does not fit into an answer. Each attempt reads another report, whose URL is new. */
  private async withValue(report: StoredReport, patience: Patience): Promise<RequestReport> {
    for (let failures = 1, current = report; ; failures++) {
      const { resultAt, partialAt, ...rest } = current;
      const at = resultAt ?? partialAt;
      if (!at) return rest;
      try {
        const value = await patience.guard(() => this.caller.transfers.download(at, patience.signal));
        return resultAt ? { ...rest, result: value } : { ...rest, partial: value };
      } catch (error) {
        if (patience.signal.aborted || failures >= TRANSFERS) throw error;
      }
      await patience.sleep(this.caller.transfers.waitMs(failures));
      current = await this.read(report.id, patience);
    }
  }

  private async read(id: string, patience: Patience): Promise<StoredReport> {
    return (await this.caller.call({ type: 'status', id, ...this.identity }, patience)) as unknown as StoredReport;
  }

  /** Reads the status until the request has ended. If the request was just submitted, the first read is delayed. */
  private async poll(
    id: string,
    isNew: boolean,
    patience: Patience,
    onProgress: WaitOptions['onProgress'],
  ): Promise<RequestReport> {
    const { pollMs, pollMaxMs } = this.caller.options.timing;
    if (isNew) await patience.sleep(pollMs);
    let told = '';
    for (let ms = pollMs; ; ms = Math.min(pollMaxMs, ms * POLL_GROWTH)) {
      const report = await this.read(id, patience);
      if (isTerminal(report.status)) return this.withValue(report, patience);
      const text = JSON.stringify([report.run, report.attempt, report.progress]);
      if (report.progress && text !== told) callListener(() => onProgress?.(progressOf(report)), reportUncaught);
      told = text;
      await patience.sleep(ms);
    }
  }

  /** Uploads a large input. @returns the message that refers to it */
  private upload(large: LargeRequest): Promise<string> {
    const ask = async (text: string) => (await this.call(JSON.parse(text), {})) as unknown as Upload;
    return uploadInput(large, this.caller.transfers, ask, new Stop());
  }

  private call(event: object, limits: WaitOptions): Promise<Record<string, Json>> {
    return this.withPatience(limits, (patience) => this.caller.call({ ...event, ...this.identity }, patience));
  }

  private async withPatience<T>(limits: WaitOptions, work: (patience: Patience) => Promise<T>): Promise<T> {
    const patience = new Patience(this.caller.options.clock, limits);
    try {
      return await work(patience);
    } finally {
      patience.close();
    }
  }
}

const POLL_GROWTH = 1.5;

function progressOf({ run, attempt, progress = {} }: RequestReport): ProgressReport {
  return { percentage: 0, ...progress, run, attempt };
}
