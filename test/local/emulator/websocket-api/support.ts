import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import WebSocket, { type ClientOptions } from 'ws';
import { EntryPoint } from '../../../../local/emulator/http';
import type { FunctionInvoker, InvokeResult, LogEvent } from '../../../../local/emulator/types';
import {
  type GatewayOptions,
  type RouteSpec,
  type WebSocketApiSpec,
  WebSocketGateway,
} from '../../../../local/emulator/websocket-api';

type Handler = (event: FunctionEvent) => unknown;

/** The parts of an event that tests read. */
export interface FunctionEvent {
  readonly type?: string;
  readonly methodArn?: string;
  readonly headers: Record<string, string>;
  readonly multiValueHeaders: Record<string, string[]>;
  readonly queryStringParameters?: Record<string, string>;
  readonly multiValueQueryStringParameters?: Record<string, string[]>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: Record<string, unknown> & { connectionId: string; requestId: string; routeKey: string };
}

/**
 * Functions that are callbacks, so that a test defines the answer of an integration and reads its event. To add a
 * behaviour, call `on`. An undefined function fails the invocation.
 */
export class FakeFunctions implements FunctionInvoker {
  public readonly calls: { functionName: string; event: FunctionEvent }[] = [];
  private readonly handlers = new Map<string, Handler>();
  private readonly watchers = new Set<() => void>();

  public on(functionName: string, handler: Handler): this {
    this.handlers.set(functionName, handler);
    return this;
  }

  public async invoke(functionName: string, event: unknown): Promise<InvokeResult> {
    this.calls.push({ functionName, event: structuredClone(event) as FunctionEvent });
    for (const check of [...this.watchers]) check();
    const handler = this.handlers.get(functionName);
    if (!handler) throw new Error(`no such function: ${functionName}`);
    try {
      return { ok: true, payload: await handler(event as FunctionEvent), durationMs: 1 };
    } catch (error) {
      const { name, message } = error as Error;
      return { ok: false, kind: 'Handled', error: { errorType: name, errorMessage: message }, durationMs: 1 };
    }
  }

  public invokeAsync(): void {
    throw new Error('the gateway invokes synchronously');
  }

  public events(functionName: string): FunctionEvent[] {
    return this.calls.filter((call) => call.functionName === functionName).map(({ event }) => event);
  }

  /** Resolves with the n-th event of a function when it has arrived. */
  public event(functionName: string, n = 1): Promise<FunctionEvent> {
    return new Promise((resolve) => {
      const check = () => {
        const event = this.events(functionName)[n - 1];
        if (!event) return;
        this.watchers.delete(check);
        resolve(event);
      };
      this.watchers.add(check);
      check();
    });
  }
}

/** A `ws` client. Promises represent its frames and its end. */
export class TestClient {
  public readonly frames: { text: string; isBinary: boolean }[] = [];
  public readonly closed: Promise<{ code: number; reason: string }>;
  private readonly watchers = new Set<() => void>();

  public constructor(public readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => {
      this.frames.push({ text: data.toString(), isBinary });
      for (const check of [...this.watchers]) check();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  public send(message: string | object): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  public frame(n = 1): Promise<string> {
    return new Promise((resolve) => {
      const check = () => {
        const frame = this.frames[n - 1];
        if (!frame) return;
        this.watchers.delete(check);
        resolve(frame.text);
      };
      this.watchers.add(check);
      check();
    });
  }
}

/** A connection that was refused. */
export interface Refused {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

export function lambdaRoute(functionName: string, overrides: Partial<RouteSpec> = {}): RouteSpec {
  return { functionName, returnResponse: false, timeoutMs: 29_000, ...overrides } as RouteSpec;
}

export const ROUTER_ROUTES: [string, RouteSpec][] = [
  ['$connect', lambdaRoute('router')],
  ['$disconnect', lambdaRoute('bye')],
  ['$default', lambdaRoute('fallback', { returnResponse: true })],
  ['echo', lambdaRoute('echo', { returnResponse: true })],
  ['quiet', lambdaRoute('quiet')],
];

export function apiSpec(overrides: Partial<WebSocketApiSpec> = {}): WebSocketApiSpec {
  return {
    apiId: 'a1b2c3d4e5',
    stage: 'live',
    region: 'eu-west-1',
    accountId: '123456789012',
    routeSelectionExpression: '$request.body.action',
    routes: new Map(ROUTER_ROUTES),
    ...overrides,
  };
}

/**
 * Creates the usual functions: `router` accepts, `echo` and `fallback` answer, `quiet` sends nothing, `bye` does
 * nothing.
 */
export function usualFunctions(): FakeFunctions {
  return new FakeFunctions()
    .on('router', () => ({ statusCode: 200 }))
    .on('bye', () => ({ statusCode: 200 }))
    .on('echo', (event) => ({ statusCode: 200, body: `echo ${event.body}` }))
    .on('fallback', (event) => ({ statusCode: 200, body: `fallback ${event.body}` }))
    .on('quiet', () => ({ statusCode: 200, body: 'nobody reads this' }));
}

/** Gateways with real servers on loopback. Call `clear` after each test. */
export class GatewayBench {
  public readonly logs: LogEvent[] = [];
  private readonly running: { gateway: WebSocketGateway; server: EntryPoint; clients: TestClient[] }[] = [];

  public async start(
    spec: WebSocketApiSpec = apiSpec(),
    functions: FunctionInvoker = usualFunctions(),
    options: Partial<GatewayOptions> = {},
  ): Promise<RunningGateway> {
    const gateway = new WebSocketGateway(spec, functions, { log: (event) => this.logs.push(event), ...options });
    const server = new EntryPoint({ log: (event) => this.logs.push(event), hosts: () => true });
    server.mountService(`/${spec.stage}/@connections`, gateway.management);
    server.mountUpgrade('', (req, socket, head) => gateway.handleUpgrade(req, socket, head));
    const port = await server.listen(0, '127.0.0.1');
    server.open();
    const clients: TestClient[] = [];
    this.running.push({ gateway, server, clients });
    return new RunningGateway(gateway, `127.0.0.1:${port}`, spec.stage, clients);
  }

  public async clear(): Promise<void> {
    for (const { gateway, server, clients } of this.running.splice(0)) {
      for (const { socket } of clients) socket.terminate();
      await gateway.close();
      await server.close();
    }
    this.logs.length = 0;
  }
}

export class RunningGateway {
  public constructor(
    public readonly gateway: WebSocketGateway,
    public readonly host: string,
    private readonly stage: string,
    private readonly clients: TestClient[],
  ) {}

  /** Resolves when the connection is open. */
  public async connect(query = '', protocols: string[] = [], options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(new WebSocket(`ws://${this.host}/${this.stage}${query}`, protocols, options));
    this.clients.push(client);
    await new Promise<void>((resolve, reject) => client.socket.once('open', resolve).once('error', reject));
    return client;
  }

  /** Resolves with the response to an upgrade that must be refused. */
  public refused(query = '', protocols: string[] = [], options: ClientOptions = {}): Promise<Refused> {
    const socket = new WebSocket(`ws://${this.host}/${this.stage}${query}`, protocols, options);
    socket.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      socket.once('open', () => reject(new Error('the connection was accepted')));
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
    });
  }

  public management(): ApiGatewayManagementApiClient {
    return new ApiGatewayManagementApiClient({
      endpoint: `http://${this.host}/${this.stage}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'ASIALOCAL', secretAccessKey: 'secret', sessionToken: 'token' },
      maxAttempts: 1,
    });
  }
}
