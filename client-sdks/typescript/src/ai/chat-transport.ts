import type { RequestHandle } from '../request/handle';
import type { AbortSignalLike } from '../util/stop';
import { ChunkStream, type Follow } from './chunk-stream';
import { Attempts, type UIChunk } from './chunks';

/** Request of a chat, as the AI SDK passes it to its transport. */
export interface ChatRequest {
  readonly chatId: string;
  readonly trigger: 'submit-message' | 'regenerate-message';
  readonly messageId: string | undefined;
  /** All messages of the chat. */
  // biome-ignore lint/suspicious/noExplicitAny: only `any` is assignable to the messages of each version of the AI SDK
  readonly messages: any[];
  readonly abortSignal?: AbortSignalLike | undefined;
  readonly body?: object | undefined;
  readonly metadata?: unknown;
}

/** The functions of a `StreamerClient` that the transport uses. The types of its actions do not matter. */
export interface ChatClient {
  // biome-ignore-start lint/suspicious/noExplicitAny: only `any` is assignable to the arguments of a client of any actions
  request(action: any, ...rest: any[]): RequestHandle<any, any>;
  attach(action: any, to: { readonly id: string }, options?: any): RequestHandle<any, any>;
  requests(options?: any): Promise<{ readonly requests: readonly { readonly id: string }[]; readonly cursor?: string }>;
  // biome-ignore-end lint/suspicious/noExplicitAny: see above
}

/** Options of a `StreamerChatTransport`. */
export interface StreamerChatTransportOptions {
  readonly client: ChatClient;
  /** Action of the handler that answers. Default: `chat`. */
  readonly action?: string;
  /**
   * Returns the input of the request. Default: an object with `chatId`, `trigger`, `messageId`, the last message as `message`, and the fields of
   * `body`. The handler keeps the earlier messages.
   */
  readonly prepareInput?: (request: ChatRequest) => unknown;
}

/** Request that a stream reads. */
interface Reading {
  readonly chatId: string;
  readonly id: string;
  readonly abortSignal: AbortSignalLike | undefined;
  readonly isReplay: boolean;
}

const ACTION = 'chat';
const ACTIVE = ['PENDING', 'WAITING', 'RUNNING'] as const;
const PAGE = 50;

/**
 * Transport of the AI SDK's `useChat`, versions 5 to 7: `useChat({ transport: new StreamerChatTransport({ client }) })`.
 *
 * The answer is a request of the action `chat`, whose handler calls `pipeUIMessageStream`. It continues while the page reloads or the network is
 * lost, and `stop()` cancels it. This class depends on no version of the AI SDK.
 */
export class StreamerChatTransport {
  private readonly client: ChatClient;
  private readonly action: string;
  private readonly prepareInput: (request: ChatRequest) => unknown;
  /** Requests that this page has sent and that have not ended, by chat. */
  private readonly active = new Map<string, string>();
  private readonly attempts = new Map<string, Attempts>();

  constructor({ client, action = ACTION, prepareInput = inputOf }: StreamerChatTransportOptions) {
    this.client = client;
    this.action = action;
    this.prepareInput = prepareInput;
  }

  /** Sends the last message. @returns the chunks of the answer, once the server has accepted the request */
  readonly sendMessages = async (request: ChatRequest): Promise<ReadableStream<UIChunk>> => {
    const { chatId, abortSignal } = request;
    const id = newRequestId(chatId);
    this.active.set(chatId, id);
    const input = this.prepareInput(request);
    const follow: Follow = (listeners) => this.client.request(this.action, input, { id, ...listeners });
    return (await this.open({ chatId, id, abortSignal, isReplay: false }, follow)).stream;
  };

  /** Reads the answer that is being written, from its start. @returns null if no answer is being written */
  readonly reconnectToStream = async ({
    chatId,
    abortSignal,
  }: {
    readonly chatId: string;
    readonly abortSignal?: AbortSignalLike | undefined;
  }): Promise<ReadableStream<UIChunk> | null> => {
    // The list may not contain a request of the last second.
    const id = this.active.get(chatId) ?? (await this.findActive(chatId));
    if (id === undefined) return null;
    const follow: Follow = (listeners) => this.client.attach(this.action, { id }, listeners);
    const { stream, exists } = await this.open({ chatId, id, abortSignal, isReplay: true }, follow);
    return exists ? stream : null;
  };

  private async open({ chatId, id, ...reading }: Reading, follow: Follow) {
    const onEnd = () => {
      if (this.active.get(chatId) === id) this.active.delete(chatId);
      this.attempts.delete(id);
    };
    const { stream, exists } = new ChunkStream(follow, { attempts: this.attemptsOf(id), ...reading, onEnd });
    return { stream, exists: await exists };
  }

  private attemptsOf(id: string): Attempts {
    const attempts = this.attempts.get(id) ?? new Attempts();
    this.attempts.set(id, attempts);
    return attempts;
  }

  /** Searches the user's list, because another page or another device may have sent the request. */
  private async findActive(chatId: string): Promise<string | undefined> {
    const prefix = prefixOf(chatId);
    let cursor: string | undefined;
    do {
      const page = await this.client.requests({ action: this.action, status: ACTIVE, limit: PAGE, cursor });
      const found = page.requests.find(({ id }) => id.startsWith(prefix));
      if (found) return found.id;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return undefined;
  }
}

/**
 * Returns a listener for `onError` of a chat. If an attempt was lost, it makes the chat read the answer from its start:
 * `useChat({ transport, onError: resumeOnRestart(() => chat) })`. Other errors go to the given listener.
 */
export function resumeOnRestart(
  chat: () => { resumeStream(): unknown },
  onError: (error: Error) => unknown = () => undefined,
): (error: Error) => void {
  return (error) => {
    // The chat sets its status after it has called this listener.
    if (error.name === 'ChatRestartError') setTimeout(() => chat().resumeStream());
    else onError(error);
  };
}

const inputOf = ({ chatId, trigger, messageId, messages, body }: ChatRequest) => ({
  chatId,
  trigger,
  messageId,
  message: messages.at(-1),
  ...body,
});

/** The ids of a chat's requests begin with the same prefix, so that they are found in the user's list. */
const newRequestId = (chatId: string): string => prefixOf(chatId) + randomPart();

const randomPart = (): string =>
  Array.from({ length: 4 }, () => hash(String(Math.random())))
    .join('')
    .slice(0, 24);

function prefixOf(chatId: string): string {
  return `${hash(chatId)}${hash(`${chatId}.`)}_`;
}

/** FNV-1a of 32 bits, as text. The hash only groups the requests of one user, so it need not be a cryptographic one. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value.toString(36);
}
