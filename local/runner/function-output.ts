import type { LogEvent } from '../types';

/** Fields of a structured log line that say nothing new to who watches the run. */
const USUAL_FIELDS = new Set([
  'architecture',
  'cold_start',
  'correlation_id',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'level',
  'message',
  'requestId',
  'sampling_rate',
  'service',
  'timestamp',
  'xray_trace_id',
]);

const MAX_VALUE = 80;

/**
 * Turns a line that a function wrote into one that a person can read. JSON lines, as Powertools' logger and Lambda's
 * JSON format write them, become their message and the fields of their own; embedded metrics become nothing.
 */
export function describeOutput(source: string, line: string): LogEvent | undefined {
  const record = parseRecord(line);
  if (!record) return line.trim() === '' ? undefined : { source, level: 'info', message: line.trimEnd() };
  if ('_aws' in record) return undefined;
  return { source, level: levelOf(record), message: messageOf(record), detail: stackOf(record) };
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

function levelOf({ level, errorMessage }: LogRecord): LogEvent['level'] {
  const name = String(level ?? (errorMessage === undefined ? 'INFO' : 'ERROR')).toUpperCase();
  if (name === 'ERROR' || name === 'CRITICAL' || name === 'FATAL') return 'error';
  return name === 'WARN' || name === 'WARNING' ? 'warn' : 'info';
}

function messageOf(record: LogRecord): string {
  const { message, errorMessage, errorType } = record;
  const main = typeof message === 'string' ? message : (errorMessage ?? JSON.stringify(message));
  const type = errorType === undefined ? [] : [`${String(errorType)}:`];
  return [...type, String(main), ...fields(record)].join(' ');
}

function fields(record: LogRecord): string[] {
  return Object.entries(record)
    .flatMap(([key, value]) => {
      if (USUAL_FIELDS.has(key) || key.startsWith('error') || key === 'stackTrace') return [];
      const text = typeof value === 'object' ? undefined : String(value);
      return text === undefined ? [] : [`${key}=${text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text}`];
    })
    .concat(errorOf(record));
}

function errorOf({ error }: LogRecord): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { name, message } = error as { name?: unknown; message?: unknown };
  return [`(${[name, message].filter((part) => part !== undefined).join(': ')})`];
}

function stackOf({ error, stackTrace }: LogRecord): string | undefined {
  const stack = (error as { stack?: unknown } | undefined)?.stack ?? stackTrace;
  if (stack === undefined) return undefined;
  return Array.isArray(stack) ? stack.join('\n') : String(stack);
}

/** A line of a stack trace, which the line before it sums up. */
export function isStackFrame(line: string): boolean {
  return /^\s+at /.test(line);
}
