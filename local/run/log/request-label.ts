const MAX_PART = 60;
/** Longer ids are random, and this many characters of their beginning distinguish them. */
const WHOLE_ID = 16;
const SHOWN_OF_ID = 8;

/** The function and the request that a line belongs to. */
export interface RequestLabel {
  readonly action?: string;
  readonly id?: string;
  readonly run?: number;
  readonly attempt?: number;
}

/** `echo r-1`, `6f1c22aa… attempt 2`: enough to follow one request in a log. */
export function formatLabel({ action, id, run = 1, attempt = 1 }: RequestLabel): string {
  const parts = [
    ...(action === undefined ? [] : [action.slice(0, MAX_PART)]),
    ...(id === undefined ? [] : [shortRequestId(id)]),
    ...(run > 1 ? [`run ${run}`] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  return parts.join(' ');
}

/** The beginning of an id that is random; another as it is. */
export function shortRequestId(id: string): string {
  return id.length > WHOLE_ID ? `${id.slice(0, SHOWN_OF_ID)}…` : id;
}

/**
 * The request that an event is about: a client's message, a queue's one record, or an invocation that names it.
 *
 * @param payload JSON text
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
