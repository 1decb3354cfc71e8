import type { HandlerContext } from './context';

/** A chunk of the AI SDK's `UIMessageStream`. Its fields differ between versions of the AI SDK, so they are passed on as they are. */
export interface UIMessageChunk {
  readonly type: string;
}

/** Data of the event `ui-chunks`. */
export interface UIMessageChunks {
  readonly run: number;
  readonly slice: number;
  readonly attempt: number;
  readonly chunks: readonly UIMessageChunk[];
}

/** Events of a handler that answers a chat, for the types of its client. */
export interface UIMessageEvents {
  readonly 'ui-chunks': UIMessageChunks;
}

/** The part of a `ReadableStream` that is used. It is for projects without the types of Node.js and of browsers. */
interface ChunkReadable {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** The part of a handler's context that is used. */
export type UIMessageContext = Pick<HandlerContext, 'signal' | 'request' | 'log'> & {
  emit(name: 'ui-chunks', data: UIMessageChunks): Promise<void>;
};

/** Options of `pipeUIMessageStream`. */
export interface PipeUIMessageStreamOptions {
  /**
   * Milliseconds for which chunks are collected before they are stored and sent as one event, from 0 to 3,000. A longer time costs less, and the text
   * appears in larger steps. @default 100
   */
  readonly batchMs?: number;
}

/** Result of `pipeUIMessageStream`. */
export interface PipedUIMessageStream {
  /** Whether `signal` fired before the end of the stream, because the user stopped the answer or the time was over. */
  readonly aborted: boolean;
}

/** Functions of each JavaScript runtime. This module also compiles in projects without the types of Node.js and of browsers. */
interface Host {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly TextEncoder: new () => { encode(text: string): { readonly length: number } };
}
const host = globalThis as unknown as Host;

const BATCH_MS = 100;
const MAX_BATCH_MS = 3_000;
/** Maximum bytes of the chunks of one event. An event may have 32 KB. */
const MAX_BATCH_BYTES = 24 * 1024;
/** Fields of text that can be divided into several chunks. */
const DELTAS = ['delta', 'inputTextDelta'] as const;

/**
 * Sends the answer of a chat to its viewers: `await pipeUIMessageStream(context, streamText({ … }).toUIMessageStream())`. `StreamerChatTransport` of
 * `cdk-streamer-client/ai` receives it.
 *
 * Chunks are stored before they are sent, so a viewer that reconnects or reloads its page misses nothing. The function resolves when all chunks are
 * stored. When the context's signal fires, it cancels the stream.
 *
 * @throws HandlerError `INVALID_EVENT` if a chunk other than text has more than 32 KB; the error of the stream
 */
export async function pipeUIMessageStream(
  context: UIMessageContext,
  stream: ChunkReadable,
  { batchMs = BATCH_MS }: PipeUIMessageStreamOptions = {},
): Promise<PipedUIMessageStream> {
  if (!(batchMs >= 0 && batchMs <= MAX_BATCH_MS))
    throw new RangeError(`\`batchMs\` must be from 0 to ${MAX_BATCH_MS}.`);
  const source = new ChunkSource(stream, context);
  try {
    while (await source.hasChunks()) {
      await source.collect(batchMs);
      for (const chunks of source.take()) await context.emit('ui-chunks', { ...attemptOf(context), chunks });
    }
    return { aborted: source.isAborted };
  } finally {
    source.stop();
  }
}

const attemptOf = ({ request: { run, slice, attempt } }: UIMessageContext) => ({ run, slice, attempt });

/** Reads a stream in the background, because chunks arrive while an event is being stored. */
class ChunkSource {
  public isAborted = false;
  private readonly reader: ReturnType<ChunkReadable['getReader']>;
  private collected: UIMessageChunk[] = [];
  private bytes = 0;
  private hasEnded = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: () => void = () => undefined;
  private readonly onAbort = () => {
    this.isAborted = this.hasEnded = true;
    this.wake();
  };

  public constructor(
    stream: ChunkReadable,
    private readonly context: UIMessageContext,
  ) {
    this.reader = stream.getReader();
    this.signal.addEventListener('abort', this.onAbort);
    if (context.signal.aborted) this.onAbort();
    void this.read();
  }

  /** Waits for the next chunk. @returns false at the end of the stream. @throws the error of the stream, after the chunks before it were taken */
  public async hasChunks(): Promise<boolean> {
    while (this.collected.length === 0 && !this.hasEnded) await this.changed();
    if (this.collected.length > 0) return true;
    if (this.failure && !this.isAborted) throw this.failure.error;
    return false;
  }

  /** Waits for more chunks until the time is over, an event is full, or the stream ends. */
  public async collect(ms: number): Promise<void> {
    const endsAt = Date.now() + ms;
    while (!this.hasEnded && this.bytes < MAX_BATCH_BYTES && Date.now() < endsAt) {
      const timer = host.setTimeout(() => this.wake(), endsAt - Date.now());
      await this.changed();
      host.clearTimeout(timer);
    }
  }

  /** Returns the chunks so far, divided into events that are small enough. */
  public take(): UIMessageChunk[][] {
    const events: UIMessageChunk[][] = [];
    let room = 0;
    for (const chunk of this.collected.splice(0).flatMap(divide)) {
      const bytes = bytesOf(chunk);
      if (bytes > room) {
        events.push([]);
        room = MAX_BATCH_BYTES;
      }
      room -= bytes;
      events.at(-1)?.push(chunk);
    }
    this.bytes = 0;
    return events;
  }

  public stop(): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.reader.cancel(this.context.signal.reason).catch(() => undefined);
  }

  private get signal() {
    return this.context.signal as { addEventListener(type: 'abort', listener: () => void): void } & {
      removeEventListener(type: 'abort', listener: () => void): void;
    };
  }

  private async read(): Promise<void> {
    try {
      for (let next = await this.reader.read(); !next.done && !this.hasEnded; next = await this.reader.read()) {
        this.add(next.value as UIMessageChunk);
      }
    } catch (error) {
      this.failure = { error };
    }
    this.hasEnded = true;
    this.wake();
  }

  private add(chunk: UIMessageChunk): void {
    // The id of the message must be the same after a reload and in each attempt, so that the chat replaces the message.
    const named = chunk.type === 'start' ? { messageId: this.context.request.id, ...chunk } : chunk;
    this.collected.push(named);
    this.bytes += bytesOf(named);
    this.wake();
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

const bytesOf = (value: unknown): number => new host.TextEncoder().encode(JSON.stringify(value)).length;

/** Divides a chunk with a long text into several chunks. Other chunks cannot be divided. */
function divide(chunk: UIMessageChunk): UIMessageChunk[] {
  if (bytesOf(chunk) <= MAX_BATCH_BYTES) return [chunk];
  const fields = chunk as UIMessageChunk & Record<string, unknown>;
  const field = DELTAS.find((name) => typeof fields[name] === 'string');
  const characters = field === undefined ? [] : Array.from(fields[field] as string);
  if (field === undefined || characters.length < 2) return [chunk];
  const half = Math.ceil(characters.length / 2);
  return [characters.slice(0, half), characters.slice(half)].flatMap((part) =>
    divide({ ...chunk, [field]: part.join('') } as UIMessageChunk),
  );
}
