import type {
  AckFrame,
  EventFrame,
  Json,
  LogErrorFrame,
  LogFrame,
  ProgressFrame,
  ResultFrame,
} from '../../../../client-sdks/typescript/src/wire/messages';

/** Frames of the request `r-1`. Fields that do not matter for a test have default values. */

export function ack(fields: Partial<AckFrame> = {}): AckFrame {
  return { type: 'ack', id: 'r-1', status: 'PENDING', epoch: 'e-1', ref: 'ref-1', offset: 0, run: 1, ...fields };
}

/** @param fence fence of the attempt; it differs from `attempt` if an earlier run had attempts */
export function marker(offset: number, attempt: number, run = 1, fence = attempt): EventFrame {
  return { ...event(offset, { attempt, run }), run, attempt, fence, name: '$attempt' };
}

export function event(offset: number, data: Json = { n: offset }, attempt = 1): EventFrame {
  return { type: 'event', id: 'r-1', offset, run: 1, attempt, fence: attempt, name: 'row', data };
}

export function result(offset: number, value: Json = 'done', run = 1): ResultFrame {
  return { type: 'result', id: 'r-1', offset, run, result: value };
}

export function failure(offset: number, run = 1, code = 'HANDLER_ERROR'): LogErrorFrame {
  return { type: 'error', id: 'r-1', offset, run, error: { code, message: 'No.', retryable: false } };
}

export function progress(fields: Partial<ProgressFrame> = {}): ProgressFrame {
  const { attempt = 1 } = fields;
  return { type: 'progress', id: 'r-1', run: 1, attempt, fence: attempt, seq: 0, afterOffset: 0, ...fields };
}

export function page(entries: readonly LogFrame[], fields: Partial<AckFrame> = {}): AckFrame {
  const offset = (entries.at(-1)?.offset ?? -1) + 1;
  return ack({ status: 'RUNNING', recovered: true, entries, offset, ...fields });
}
