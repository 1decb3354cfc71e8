import { act, createElement, type ReactElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { createStreamerHooks, type StreamerProviderProps } from '../../../../client-sdks/typescript/src/react';
import { connected, TOKEN } from '../support/client-world';
import { FakeNetwork } from '../support/fake-socket';
import { ack, event, marker, page, progress, result } from '../support/frames';
import { html, remove, show, stopped, usePage } from '../support/react-page';
import { settled } from '../support/virtual-clock';

interface Actions {
  report: {
    input: { year: number };
    result: { rows: number };
    events: { row: { n: number } };
    messages: { skip: number };
  };
}
const { StreamerProvider, useRequest, useRequests, useTopic, useConnection, useClient } =
  createStreamerHooks<Actions>();

const inProvider = (props: StreamerProviderProps<Actions>, component: () => ReactElement | null) =>
  createElement(StreamerProvider, props, createElement(component));

/** The component of the README: a button, a progress bar and the result. */
let report: ReturnType<typeof useRequest<'report'>>;
function Report({ persist }: { persist?: string }): ReactElement {
  report = useRequest('report', { persist });
  if (report.error) return createElement('p', { role: 'alert' }, report.error.message);
  if (report.result) return createElement('b', null, report.result.rows);
  if (!report.isActive) return createElement('button', { type: 'button' }, 'Start');
  return createElement('progress', { max: 100, value: report.percentage }, report.message);
}

async function pageWith(component: (props: object) => ReactElement | null = Report, props: object = {}) {
  const world = await connected();
  const receive = (...frames: object[]) =>
    act(async () => {
      for (const frame of frames) world.network.newest.frame(frame as never);
      await settled();
    });
  await show(createElement(StreamerProvider, { client: world.client } as never, createElement(component, props)));
  return { ...world, receive };
}

describe('the hooks of React', () => {
  usePage();

  test('a component shows a button, then the progress, then the result', async () => {
    const { receive } = await pageWith();
    expect(html()).toBe('<button type="button">Start</button>');
    await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
    expect(html()).toBe('<progress max="100" value="0"></progress>');
    await receive(ack(), marker(0, 1), progress({ percentage: 40, message: 'reads' }));
    expect(html()).toBe('<progress max="100" value="40">reads</progress>');
    await receive(result(1, { rows: 12 }));

    expect(html()).toBe('<b>12</b>');
  });

  test('a component shows the error of a refused request', async () => {
    const { receive } = await pageWith();
    await act(async () => report.start({ year: 1 }, { id: 'r-1' }));
    await receive({
      type: 'error',
      id: 'r-1',
      error: { code: 'INVALID_INPUT', message: 'Too early.', retryable: false },
    });

    expect(html()).toBe('<p role="alert">Too early.</p>');
  });

  test('the functions of a request are the same in each render', async () => {
    const { receive } = await pageWith();
    const { start, cancel, send, reset, attach } = report;
    await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
    await receive(ack());

    expect(report).toMatchObject({ start, cancel, send, reset, attach });
  });

  test('in StrictMode, which mounts components twice, a request is sent once and followed without a break', async () => {
    const { client, network } = await connected();
    await show(
      createElement(StrictMode, null, createElement(StreamerProvider, { client } as never, createElement(Report))),
    );
    await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
    await stopped();

    expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'report', input: { year: 2026 } }]);
    await act(async () => {
      for (const frame of [ack(), marker(0, 1), progress({ percentage: 7 })]) network.newest.frame(frame as never);
      await settled();
    });
    expect(html()).toContain('value="7"');
  });

  test('a request whose component is removed continues, and is shown by the next component with the same key', async () => {
    const memory = new Map<string, string>();
    const storage = {
      getItem: (key: string) => memory.get(key) ?? null,
      setItem: (key: string, value: string) => void memory.set(key, value),
      removeItem: (key: string) => void memory.delete(key),
    };
    Object.assign(globalThis, { localStorage: storage });
    const { client, network, receive } = await pageWith(Report, { persist: 'q3' });
    await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
    await receive(ack(), marker(0, 1), event(1));
    await show(createElement(StreamerProvider, { client } as never, null));
    await stopped();
    network.takeFrames();
    await show(createElement(StreamerProvider, { client } as never, createElement(Report, { persist: 'q3' })));
    expect(network.takeFrames()).toEqual([expect.objectContaining({ type: 'attach', id: 'r-1', offset: 2 })]);
    await receive(page([event(2)], { offset: 3 }));
    expect(report.events.map(({ offset }) => offset)).toEqual([1, 2]);

    // another page, that is, another provider, has no memory of its own
    const other = await pageWith(Report, { persist: 'q3' });
    expect(other.network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 0 }]);
    Reflect.deleteProperty(globalThis, 'localStorage');
  });

  test('another key or another action shows another request', async () => {
    const { client, receive } = await pageWith(Report);
    await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
    await receive(ack(), marker(0, 1), progress({ percentage: 9 }));
    await show(createElement(StreamerProvider, { client } as never, createElement(Report, { persist: 'another' })));

    expect(html()).toBe('<button type="button">Start</button>');
  });

  test('the list, a topic and the connection are shown', async () => {
    const seen: string[] = [];
    const { network, receive } = await pageWith(() => {
      const list = useRequests({ limit: 2 });
      const news = useTopic('news', { onMessage: ({ offset }) => seen.push(`message ${offset}`) });
      const { state } = useConnection();
      const lines = [list.isLoading, list.requests.length, news.isSubscribed, news.messages.length, state];
      return createElement('p', null, lines.join(' '));
    });
    expect(html()).toBe('<p>true 0 false 0 connected</p>');
    const frames = network.takeFrames() as { type: string; id: string }[];
    const { id } = frames.find(({ type }) => type === 'list') ?? { id: '' };
    await receive(
      { type: 'requests', id, requests: [] },
      { type: 'ack', for: 'subscribe', topic: 'news', epoch: 'e', offset: 0 },
      { type: 'message', topic: 'news', epoch: 'e', offset: 0, data: 1 },
    );

    expect(html()).toBe('<p>false 0 true 1 connected</p>');
    expect(seen).toEqual(['message 0']);
  });

  describe('a provider with a URL', () => {
    const URL = 'wss://streamer.example.com';

    test('a provider with a URL creates no client and touches no global while a page is rendered on a server', () => {
      const webSocket = class {
        constructor() {
          throw new Error('A server opened a connection.');
        }
      } as never;
      const rendered = renderToString(inProvider({ url: URL, token: 't', webSocket }, () => createElement(Report)));

      expect(rendered).toBe('<button type="button">Start</button>');
    });

    test('a provider with a URL creates one client, asks for the newest token function, and closes the client at the end', async () => {
      const network = new FakeNetwork();
      const asked: string[] = [];
      const Page = () => {
        useConnection();
        return createElement(Report);
      };
      const providerOf = (name: string) => {
        const token = () => {
          asked.push(name);
          return TOKEN;
        };
        const props = {
          url: URL,
          token,
          webSocket: network.webSocket,
          timing: { reconnectSpreadMs: 1, reconnectBaseMs: 1 },
        };
        return createElement(StrictMode, null, inProvider(props as never, Page));
      };
      await show(providerOf('first'));
      await show(providerOf('second'));
      await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
      await act(async () => {
        await settled();
        network.newest.accept();
        await settled();
      });
      expect(asked).toEqual(['second']);
      expect(network.sockets).toHaveLength(1);
      network.takeFrames();
      await remove();
      await stopped();

      expect(network.records).toContainEqual({ kind: 'close', code: 1000 });
    });
  });

  test('two components with the same key both hear each event, with the listeners of their latest render', async () => {
    const heard: string[] = [];
    const Listener = ({ name }: { name: string }) => {
      useRequest('report', { persist: 'both', onEvent: ({ offset }) => heard.push(`${name} ${offset}`) });
      return null;
    };
    const Both = ({ suffix = '' }: { suffix?: string }) => [
      createElement(Listener, { key: 1, name: `a${suffix}` }),
      createElement(Listener, { key: 2, name: `b${suffix}` }),
      createElement(Report, { key: 3, persist: 'both' }),
    ];
    const { client, receive } = await pageWith(Both as never);
    await act(async () => report.start({ year: 2026 }, { id: 'r-1' }));
    await receive(ack(), marker(0, 1), event(1));
    await show(createElement(StreamerProvider, { client } as never, createElement(Both as never, { suffix: '!' })));
    await receive(event(2));

    expect(heard).toEqual(['a 1', 'b 1', 'a! 2', 'b! 2']);
  });

  test('each component of a topic gets its own number of messages', async () => {
    const lengths: Record<string, number> = {};
    const News = ({ limit }: { limit: number }) => {
      lengths[limit] = useTopic('news', { limit }).messages.length;
      return null;
    };
    const { receive } = await pageWith((() =>
      [1, 3].map((limit) => createElement(News, { key: limit, limit }))) as never);
    const messages = [0, 1, 2, 3].map((offset) => ({
      type: 'message',
      topic: 'news',
      epoch: 'e',
      offset,
      data: offset,
    }));
    await receive({ type: 'ack', for: 'subscribe', topic: 'news', epoch: 'e', offset: 0 }, ...messages);

    expect(lengths).toEqual({ 1: 1, 3: 3 });
  });

  test('an invalid topic is an error of the hook, and does not end the page', async () => {
    await pageWith(() => createElement('p', null, useTopic('not a topic!').error?.message));

    expect(html()).toContain('topic');
  });

  test('a provider with a string as its token uses the newest one for the next connection, and opens none after its end', async () => {
    const network = new FakeNetwork();
    const timing = { reconnectSpreadMs: 1, reconnectBaseMs: 1 };
    const pageOf = (token: string) => {
      const props = { url: 'wss://streamer.example.com', token, webSocket: network.webSocket, timing };
      return inProvider(props as never, () => createElement(Report));
    };
    await show(pageOf('old'));
    await act(async () => void report.start({ year: 1 }));
    await settled();
    network.newest.accept();
    await show(pageOf('new'));
    network.newest.end(1006);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const offered = network.records.flatMap((record) => (record.kind === 'connect' ? [record.protocols[1]] : []));
    expect(offered).toEqual(['old', 'new'].map((token) => `bearer.${Buffer.from(token).toString('base64url')}`));
    const { start } = report;
    await remove();
    await stopped();
    start({ year: 2 });
    await settled();

    expect(network.sockets).toHaveLength(2);
  });

  test('a hook outside a provider throws an error that names the provider', () => {
    expect(() => renderToString(createElement(Report))).toThrow('<StreamerProvider>');
  });

  test('useClient returns the client', async () => {
    let client: unknown;
    const world = await pageWith(() => {
      client = useClient();
      return null;
    });

    expect((client as () => unknown)()).toBe(world.client);
  });
});
