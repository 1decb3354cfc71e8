import { redact } from '../../../lambda-src/core/redact';
import { textOf } from '../../emulator/text/text-of';
import type { LogEvent } from '../../emulator/types';
import type { OutputGroup } from './output-groups';
import { formatLabel, labelOfEvent, type RequestLabel } from './request-label';
import { describeFrames, isStackFrame, ownPlace, type StackOptions } from './stack';

/**
 * Fields of a structured log line that are left out: they do not help a reader, or the reader sees them in another
 * form.
 */
const USUAL_FIELDS = new Set([
  'action',
  'architecture',
  'attempt',
  'cold_start',
  'correlation_id',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'id',
  'level',
  'message',
  'requestId',
  'requestKey',
  'run',
  'sampling_rate',
  'service',
  'stackTrace',
  'timestamp',
  'xray_trace_id',
]);

/** Error that an API Gateway authorizer must throw for the answer 401. It is not a fault, so its stack is omitted. */
const UNAUTHORIZED = 'Error: Unauthorized';
const REFUSES = 'refuses the connection: 401 Unauthorized';

const MAX_VALUE = 80;
const MAX_CAUSES = 5;

/**
 * Converts a function's output to log events. A JSON line in the format of Powertools' logger or of Lambda becomes its
 * message and its additional fields. Embedded metrics are removed. A stack trace becomes the positions in the sources.
 * The function never throws: output that it cannot describe stays unchanged.
 *
 * Secrets are removed from the messages of errors, as in the history of a request. The message of an error may come
 * from other code than the handler, so the handler cannot keep secrets out of it. Other lines are shown as the handler
 * wrote them.
 */
export function describeOutput(group: OutputGroup, stacks: StackOptions): LogEvent[] {
  try {
    return describeGroup(group, stacks);
  } catch {
    return plain(group.functionName, group.lines, {});
  }
}

function describeGroup({ functionName: source, origin, lines }: OutputGroup, stacks: StackOptions): LogEvent[] {
  const [first, ...rest] = lines;
  const record = parseRecord(first);
  if (record) return [...describeRecord(source, record, stacks), ...plain(source, rest, {})];
  const label = labelOfEvent(origin.payload);
  const frameAt = lines.findIndex(isStackFrame);
  if (frameAt < 0) return plain(source, lines, label);
  const head = redact(lines.slice(0, Math.max(1, frameAt)).join(' ').trim());
  if (head === UNAUTHORIZED) return [{ source, level: 'info', message: labelled(label, REFUSES) }];
  const below = describeStack(lines.slice(Math.max(1, frameAt)), stacks);
  return [{ source, level: 'error', message: labelled(label, head), below }];
}

function plain(source: string, lines: readonly string[], label: RequestLabel): LogEvent[] {
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => ({ source, level: 'info', message: labelled(label, line.trimEnd()) }));
}

function labelled(label: RequestLabel, message: string): string {
  const text = formatLabel(label);
  return text === '' ? message : `[${text}] ${message}`;
}

/** Replaces the stack frames with readable ones. Lines between them, such as `[cause]: Error: …`, stay unchanged. */
function describeStack(lines: readonly string[], stacks: StackOptions): string[] {
  const below: string[] = [];
  let frames: string[] = [];
  for (const line of [...lines, '']) {
    if (isStackFrame(line)) frames.push(line);
    else {
      for (const frame of describeFrames(frames, stacks)) below.push(frame);
      frames = [];
      if (/[^\s}\])]/.test(line)) below.push(redact(line.trim().replace(/ \{$/, '')));
    }
  }
  return below;
}

type LogRecord = Readonly<Record<string, unknown>>;

function parseRecord(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as LogRecord;
    return 'message' in value || '_aws' in value || 'errorMessage' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

function describeRecord(source: string, record: LogRecord, stacks: StackOptions): LogEvent[] {
  if ('_aws' in record) return [];
  const below = errorsOf(record).flatMap((error, depth) => [
    ...(depth === 0 ? [] : [`caused by ${titleOf(error)}`]),
    ...describeFrames(stackOf(error), stacks),
  ]);
  const event: LogEvent = {
    source,
    level: levelOf(record),
    message: labelled(labelOf(record), messageOf(record)),
    ...(below.length > 0 && { below }),
    ...subjectOf(record),
    ...thrownOf(record, stacks),
  };
  return [event];
}

function subjectOf(record: LogRecord): Pick<LogEvent, 'subject'> {
  const { id, run, attempt } = labelOf(record);
  if (id === undefined) return {};
  const { action } = record;
  const counters = { ...(run !== undefined && { run }), ...(attempt !== undefined && { attempt }) };
  return { subject: { id, ...(typeof action === 'string' && { action }), ...counters } };
}

/** Returns the error of a record, with the first position of its stack trace in the user's sources. */
function thrownOf({ error }: LogRecord, stacks: StackOptions): Pick<LogEvent, 'thrown'> {
  if (!isGiven(error)) return {};
  const place = ownPlace(stackOf(error), stacks)?.replace(/^at /, '');
  return { thrown: { title: titleOf(error), ...(place !== undefined && { place }) } };
}

/** Returns the label of a record. For the function of a single action, the label does not repeat the action. */
function labelOf({ action, run, attempt, id, requestKey, service }: LogRecord): RequestLabel {
  const key = typeof requestKey === 'string' ? requestKey.split('#').at(-1) : undefined;
  return {
    ...(typeof action === 'string' && action !== service && { action }),
    ...(typeof id === 'string' ? { id } : { id: key }),
    ...(typeof run === 'number' && { run }),
    ...(typeof attempt === 'number' && { attempt }),
  };
}

function levelOf({ level, errorMessage }: LogRecord): LogEvent['level'] {
  const name = textOf(level ?? (errorMessage === undefined ? 'INFO' : 'ERROR')).toUpperCase();
  if (name === 'ERROR' || name === 'CRITICAL' || name === 'FATAL') return 'error';
  return name === 'WARN' || name === 'WARNING' ? 'warn' : 'info';
}

function messageOf(record: LogRecord): string {
  const { message, errorMessage, errorType } = record;
  const main = typeof message === 'string' ? message : redact(textOf(errorMessage ?? message));
  const type = errorType === undefined ? [] : [`${textOf(errorType)}:`];
  return [...type, main, ...fields(record)].join(' ');
}

function fields(record: LogRecord): string[] {
  const shown = Object.entries(record).flatMap(([key, value]) => {
    if (USUAL_FIELDS.has(key) || key.startsWith('error')) return [];
    const text = typeof value === 'object' ? undefined : String(value);
    return text === undefined ? [] : [`${key}=${text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text}`];
  });
  return isGiven(record.error) ? [...shown, `(${titleOf(record.error)})`] : shown;
}

/**
 * Returns the error of a log record, followed by the causes of that error. In Lambda's own error reports, the stack trace
 * is a field of the record. An error may be a thrown value that is not an `Error`.
 */
function errorsOf({ error, stackTrace }: LogRecord): unknown[] {
  if (stackTrace !== undefined) return [{ stack: stackTrace }];
  const errors: unknown[] = [];
  for (let next = error; isGiven(next) && errors.length < MAX_CAUSES; next = causeOf(next)) errors.push(next);
  return errors;
}

const causeOf = (error: unknown): unknown => (isObject(error) ? error.cause : undefined);

/**
 * Returns the name and the message of an Error, or the code and the message if the name is `StreamerError`. Any other
 * value is converted to a string. Secrets are removed.
 */
function titleOf(error: unknown): string {
  const { name, message, code } = isObject(error) ? error : {};
  const parts = [name === 'StreamerError' ? (code ?? name) : name, message].filter(isGiven);
  return redact((parts.length === 0 ? [error] : parts).map(textOf).join(': '));
}

function stackOf(error: unknown): string[] {
  const { stack } = isObject(error) ? error : {};
  const lines = Array.isArray(stack) ? stack.map(textOf) : textOf(stack ?? '').split('\n');
  return lines.filter(isStackFrame);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function isObject(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null;
}
