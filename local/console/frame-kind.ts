/** Properties that distinguish frames. */
export interface FrameKind {
  readonly type?: string;
  readonly id?: string;
  readonly action?: string;
  readonly offset?: number;
  readonly replayed?: boolean;
  /** Content of a progress frame. */
  readonly progress?: ProgressReport;
}

/** The progress of an attempt. `fence` and `seq` determine the order of reports. */
export interface ProgressReport {
  readonly fence: number;
  readonly seq: number;
  readonly percentage?: number;
  readonly message?: string;
}

/**
 * Maximum length of a frame that is parsed as JSON. Only the beginning of a longer frame is read. Streamer's clients
 * and servers write the fields of `FrameKind` at the beginning.
 */
const PARSED_CHARS = 4096;
const HEAD_CHARS = 400;

/** Reads the fields that identify a frame. If the frame is not a JSON object, the result is empty. */
export function frameKind(text: string): FrameKind {
  return text.length > PARSED_CHARS ? fromHead(text.slice(0, HEAD_CHARS)) : fromJson(text);
}

function fromJson(text: string): FrameKind {
  try {
    const frame = JSON.parse(text) as Record<string, unknown>;
    const { type, id, action, offset, replayed } = frame;
    return {
      type: textOf(type),
      id: textOf(id),
      action: textOf(action),
      offset: typeof offset === 'number' ? offset : undefined,
      replayed: replayed === true,
      progress: type === 'progress' ? progressReport(frame) : undefined,
    };
  } catch {
    return {};
  }
}

/** Reads a progress report from a frame, or from the item with the last report. */
export function progressReport({ fence, seq, percentage, message }: Record<string, unknown>): ProgressReport {
  return {
    fence: Number(fence ?? 0),
    seq: Number(seq ?? 0),
    percentage: typeof percentage === 'number' ? percentage : undefined,
    message: textOf(message),
  };
}

function fromHead(head: string): FrameKind {
  const field = (name: string) => new RegExp(`"${name}":\\s*"([^"\\\\]*)"`).exec(head)?.[1];
  const offset = /"offset":\s*(\d+)/.exec(head)?.[1];
  return {
    type: field('type'),
    id: field('id'),
    action: field('action'),
    offset: offset === undefined ? undefined : Number(offset),
    replayed: /"replayed":\s*true/.test(head),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
