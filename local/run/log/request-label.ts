const MAX_PART = 60;
/** Maximum length of an id that is shown in full. Longer ids are random; their first characters distinguish them. */
const WHOLE_ID = 16;
const SHOWN_OF_ID = 8;

/** The function and the request of a log line. */
export interface RequestLabel {
  readonly action?: string;
  readonly id?: string;
  readonly run?: number;
  readonly attempt?: number;
}

/**
 * Formats a label, such as `echo r-1` or `6f1c22aa… attempt 2`. A label is sufficient to follow one request in a log.
 */
export function formatLabel({ action, id, run = 1, attempt = 1 }: RequestLabel): string {
  const parts = [
    ...(action === undefined ? [] : [action.slice(0, MAX_PART)]),
    ...(id === undefined ? [] : [shortRequestId(id)]),
    ...(run > 1 ? [`run ${run}`] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  return parts.join(' ');
}

/** Shortens a random id to its beginning. Other ids stay unchanged. */
export function shortRequestId(id: string): string {
  return id.length > WHOLE_ID ? `${id.slice(0, SHOWN_OF_ID)}…` : id;
}

/**
 * Returns the request of an event. The event may be a client's message, a batch of one queue record, or an invocation
 * that names the request.
 *
 * @param payload event as a JSON string
 */
export function labelOfEvent(payload: string | undefined): RequestLabel {
  const event = parse(payload);
  const records = event.Records;
  if (Array.isArray(records)) return records.length === 1 ? labelOfMessage(parse(object(records[0]).body)) : {};
  return typeof event.body === 'string' ? labelOfMessage(parse(event.body)) : labelOfMessage(event);
}

function labelOfMessage({ action, id, request, requestKey }: Fields): RequestLabel {
  if (typeof requestKey === 'string') return { id: requestKey.split('#').at(-1) };
  const { id: requestId = id, run, attempt } = object(request);
  return {
    ...(typeof action === 'string' && { action }),
    ...(typeof requestId === 'string' && { id: requestId }),
    ...(typeof run === 'number' && { run }),
    ...(typeof attempt === 'number' && { attempt }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function object(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function parse(text: unknown): Fields {
  if (typeof text !== 'string') return {};
  try {
    return object(JSON.parse(text));
  } catch {
    return {};
  }
}
