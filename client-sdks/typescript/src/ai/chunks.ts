/** A chunk of the AI SDK's `UIMessageStream`. Its fields differ between versions of the AI SDK, so they are passed on as they are. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` is assignable to the chunks of each version of the AI SDK
export type UIChunk = any;

/** Name of the events in which `pipeUIMessageStream` of `cdk-streamer/handler` sends chunks. */
export const CHUNKS_EVENT = 'ui-chunks';

/** Data of such an event. */
export interface ChunkBatch {
  readonly run: number;
  readonly slice: number;
  readonly attempt: number;
  readonly chunks: readonly UIChunk[];
}

/** Error of a stream whose answer begins again, because the attempt that wrote it was lost. The chat must read the answer from its start. */
export class ChatRestartError extends Error {
  override readonly name = 'ChatRestartError';

  constructor() {
    super('The answer begins again. Resume the stream to read it from its start.');
  }
}

/**
 * Selects the chunks of the attempts that count.
 *
 * If an attempt is lost, the next one writes the answer again, or the part of its slice. The chunks of the lost attempt then no longer count. The
 * same object is used for all streams of a request.
 */
export class Attempts {
  /** The latest attempt of each slice. */
  private readonly latest = new Map<string, number>();

  /** Notices the attempt of a batch. */
  see(batch: ChunkBatch): void {
    const slice = sliceOf(batch);
    this.latest.set(slice, Math.max(batch.attempt, this.latest.get(slice) ?? 0));
  }

  /** Whether no later attempt of the same slice is known. */
  counts(batch: ChunkBatch): boolean {
    return batch.attempt >= (this.latest.get(sliceOf(batch)) ?? 0);
  }
}

/** Identifies the slice of a batch. */
export const sliceOf = ({ run, slice }: ChunkBatch): string => `${run}.${slice}`;
