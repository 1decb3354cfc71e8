import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { StreamerClient } from 'cdk-streamer-client';
import { resumeOnRestart, StreamerChatTransport } from 'cdk-streamer-client/ai';
import WebSocket from 'ws';
import { AnswerServer, ENTRIES, TEXT } from './answer-server';

/** The transport with the chats of the AI SDK, versions 5 to 7. The program runs with the packages that scripts/ai-sdk.mjs installs. */

interface Message {
  readonly id: string;
  readonly role: string;
  readonly parts: readonly { readonly type: string; readonly text?: string }[];
}

/** The part of a chat that these tests use. It is the same in all versions. */
interface Chat {
  readonly status: string;
  readonly error: Error | undefined;
  readonly messages: readonly Message[];
  sendMessage(message: { text: string }): Promise<void>;
  resumeStream(): Promise<void>;
  stop(): Promise<void>;
}

/** State of a chat without a user-interface library. */
class State {
  public status = 'ready';
  public error: Error | undefined;
  public constructor(public messages: Message[] = []) {}
  public readonly pushMessage = (message: Message) => {
    this.messages = [...this.messages, message];
  };
  public readonly popMessage = () => {
    this.messages = this.messages.slice(0, -1);
  };
  public readonly replaceMessage = (index: number, message: Message) => {
    this.messages = this.messages.with(index, message);
  };
  public readonly snapshot = <T>(value: T): T => structuredClone(value);
}

type Version = { readonly AbstractChat: unknown };
let server: AnswerServer;
const clients: StreamerClient[] = [];

before(async () => {
  server = await AnswerServer.start();
});
after(() => {
  for (const client of clients) client.close();
  server.close();
});

/** Opens a page: a new client with a new chat. */
function open({ AbstractChat }: Version, id: string, messages: readonly Message[] = []): Chat {
  const timing = { reconnectBaseMs: 1, reconnectMaxMs: 1 };
  const client = new StreamerClient(server.url, { token: 't', webSocket: WebSocket as never, timing });
  clients.push(client);
  class TestChat extends (AbstractChat as new (options: object) => Chat) {}
  const transport = new StreamerChatTransport({ client });
  const chat: Chat = new TestChat({
    id,
    transport,
    state: new State([...messages]),
    onError: resumeOnRestart(() => chat),
  });
  return chat;
}

const textOf = (message: Message | undefined): string =>
  message?.parts.flatMap(({ type, text }) => (type === 'text' ? [text] : [])).join('') ?? '';

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited 20 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function assertAnswered(chat: Chat, what: string): void {
  assert.deepEqual(
    chat.messages.map(({ role }) => role),
    ['user', 'assistant'],
    what,
  );
  assert.equal(textOf(chat.messages[1]), TEXT, what);
  assert.equal(chat.status, 'ready', what);
}

for (const name of ['ai5', 'ai6', 'ai7']) {
  const version: Version = await import(name);

  test(`${name}: the answer is shown once, at whatever entry the connection is cut`, async () => {
    for (let cutAfter = 0; cutAfter <= ENTRIES; cutAfter++) {
      server.follow({ cutAfter });
      const chat = open(version, `${name}-cut-${cutAfter}`);
      await chat.sendMessage({ text: 'Hi' });
      assertAnswered(chat, `cut after ${cutAfter} entries`);
    }
  });

  test(`${name}: the answer is shown once, at whatever entry the page is loaded again`, async () => {
    for (let waitAfter = 1; waitAfter < ENTRIES; waitAfter++) {
      server.follow({ waitAfter });
      const id = `${name}-reload-${waitAfter}`;
      const first = open(version, id);
      void first.sendMessage({ text: 'Hi' });
      await until(() => server.received.some(({ type }) => type === 'request'), 'the request');
      const second = open(version, id, first.messages.slice(0, 1));
      const resumed = second.resumeStream();
      await until(() => server.received.some(({ type }) => type === 'attach'), 'the attach');
      server.continue();
      await resumed;
      assertAnswered(second, `loaded again after ${waitAfter} entries`);
    }
  });

  test(`${name}: the answer is shown once, at whatever entry an attempt is lost`, async () => {
    for (let lostAfter = 1; lostAfter < ENTRIES; lostAfter++) {
      server.follow({ lostAfter });
      const chat = open(version, `${name}-lost-${lostAfter}`);
      await chat.sendMessage({ text: 'Hi' });
      await until(
        () => chat.status === 'ready',
        `the end of the second attempt, after ${lostAfter} entries of the first`,
      );
      assertAnswered(chat, `lost after ${lostAfter} entries`);
    }
  });

  test(`${name}: stop() cancels the answer, also after a reload, and it stays stopped`, async () => {
    server.follow({ waitAfter: 5 });
    const id = `${name}-stop`;
    const chat = open(version, id);
    const sent = chat.sendMessage({ text: 'Hi' });
    await until(() => textOf(chat.messages[1]).length > 0, 'the first words');
    await chat.stop();
    await sent;
    assert.equal(chat.status, 'ready');
    await until(() => server.received.some(({ type }) => type === 'cancel'), 'the cancel');
    server.continue();
    const reloaded = open(version, id, chat.messages);
    await reloaded.resumeStream();
    assert.equal(textOf(reloaded.messages[1]), textOf(chat.messages[1]));
    assert.equal(reloaded.status, 'ready');
  });

  test(`${name}: a page that is closed does not stop the answer`, async () => {
    server.follow({ waitAfter: 6 });
    const id = `${name}-leave`;
    void open(version, id)
      .sendMessage({ text: 'Hi' })
      .catch(() => undefined);
    await until(() => server.received.some(({ type }) => type === 'request'), 'the request');
    clients.at(-1)?.close();
    const second = open(version, id, [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }]);
    const resumed = second.resumeStream();
    await until(() => server.received.some(({ type }) => type === 'attach'), 'the attach');
    server.continue();
    await resumed;
    assertAnswered(second, 'second page');
    assert.ok(!server.received.some(({ type }) => type === 'cancel'));
  });

  test(`${name}: a chat without a running answer resumes nothing`, async () => {
    const chat = open(version, `${name}-none`);
    await chat.resumeStream();
    assert.equal(chat.status, 'ready');
    assert.deepEqual(chat.messages, []);
  });
}
