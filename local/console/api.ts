import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JsonObject, parseJsonObject, readBody } from '../emulator/http';
import type { WebSocketGateway } from '../emulator/websocket-api';
import type { RequestOperations } from '../operations';
import { type BulkRedrives, parseRedriveAll } from './bulk-redrives';
import { type Dynamo, InvalidCall } from './dynamo';
import type { Failures } from './failures';
import { isJson, Refusal, refusalOf } from './guard';
import type { Live } from './live';
import type { Page } from './page';
import { type KnownQueue, queueMessages } from './queues';
import { recentInputs } from './recent-inputs';
import { type DetailSources, requestDetail } from './request-detail';
import type { RequestIndex } from './request-index';
import { type SearchSources, searchRequests } from './search';
import { decodeNext, itemPage, type KnownTable, tableViews } from './tables';
import type { InputExample, ScheduleView } from './types';

const MAX_BODY_BYTES = 4096;

export interface ApiSources extends DetailSources, Pick<SearchSources, 'logLines'> {
  readonly failures: Failures;
  readonly page: Page;
  readonly live: Live;
  readonly requests: RequestIndex;
  readonly tables: readonly KnownTable[];
  readonly queues: readonly KnownQueue[];
  readonly dynamo: Dynamo;
  /** Returns operations on the requests of the API that has the given requests table. */
  readonly operations: (requestsTable: string) => Pick<RequestOperations, 'cancel' | 'redrive'>;
  readonly redrives: Pick<BulkRedrives, 'count' | 'start' | 'stop'>;
  readonly schedules: Schedules;
  readonly inputExample: (action: string) => Promise<InputExample>;
  readonly gateways: readonly Pick<WebSocketGateway, 'connections' | 'disconnect'>[];
}

/** The schedules of the run. */
interface Schedules {
  list(): readonly ScheduleView[];
  /** @throws Error if there is no such schedule */
  run(name: string): StartedRun;
}

/**
 * A run of a schedule. `outcome(0)` waits for the target's answer. The outcome has an error if the target accepted no
 * request.
 */
interface StartedRun {
  readonly scheduledAt: number;
  outcome(waitMs: number): Promise<{ readonly error?: { readonly code: string; readonly message: string } }>;
}

/** Handles a request. The returned value is sent as JSON. */
type Route = (query: URLSearchParams, req: IncomingMessage) => unknown;

/** Serves the console's page and its API. Their paths are relative to `/_console`. */
export class ConsoleApi {
  private readonly routes = new Map<string, Route>([
    ['GET /api/request', (query) => this.request(query)],
    ['GET /api/search', (query) => searchRequests(required(query, 'text'), this.sources)],
    ['GET /api/inputs', (query) => recentInputs(required(query, 'action'), this.sources)],
    ['GET /api/example', (query) => this.sources.inputExample(required(query, 'action'))],
    ['GET /api/failures', (query) => ({ failures: this.sources.failures.of(required(query, 'id')) })],
    ['GET /api/tables', () => tableViews(this.sources.tables, this.sources.dynamo)],
    ['GET /api/items', (query) => this.items(query)],
    ['GET /api/messages', (query) => this.messages(query)],
    ['GET /api/frames', (query) => this.sources.frames.framesOf(required(query, 'connection'))],
    ['GET /api/schedules', () => ({ schedules: this.sources.schedules.list() })],
    ['POST /api/disconnect', (_query, req) => this.disconnect(req)],
    ['POST /api/cancel', (_query, req) => this.change('cancel', req)],
    ['POST /api/redrive', (_query, req) => this.change('redrive', req)],
    ['POST /api/redrive-all', (_query, req) => this.redriveAll(req)],
    ['POST /api/stop-redrive', async (_query, req) => this.sources.redrives.stop(String((await readJson(req)).id))],
    ['POST /api/run-schedule', (_query, req) => this.runSchedule(req)],
  ]);

  public constructor(private readonly sources: ApiSources) {}

  public async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const refusal = refusalOf(req);
    if (refusal !== undefined) return answer(res, 403, { message: refusal });
    const { pathname, searchParams } = new URL(`http://localhost${req.url ?? '/'}`);
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (isRead && this.sources.page.serve(pathname, req, res)) return;
    if (req.method === 'GET' && pathname === '/api/live') return this.sources.live.join(res);
    try {
      const route = this.routes.get(`${req.method} ${pathname}`);
      if (!route) throw new Refusal(404, 'there is nothing here');
      answer(res, 200, (await route(searchParams, req)) ?? {});
    } catch (error) {
      if (error instanceof InvalidCall) return answer(res, 400, { message: error.message });
      if (!(error instanceof Refusal)) throw error;
      answer(res, error.status, { message: error.message });
    }
  }

  private request(query: URLSearchParams): Promise<unknown> {
    const key = required(query, 'key');
    const tracked = this.sources.requests.get(key);
    if (!tracked) throw new Refusal(404, 'there is no such request; its retention time may have ended');
    return requestDetail(tracked, this.sources);
  }

  /** Changes one request as an operator. */
  private async change(verb: 'cancel' | 'redrive', req: IncomingMessage): Promise<unknown> {
    const { key } = await readJson(req);
    const tracked = this.sources.requests.get(String(key));
    if (!tracked) throw new Refusal(404, 'there is no such request; its retention may be over');
    try {
      const { run, status } = await this.sources.operations(tracked.requestsTable)[verb](tracked.item.requestKey);
      return { run, status };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      throw code === 'CONFLICT' || code === 'NOT_FOUND' ? new Refusal(409, message) : error;
    }
  }

  /** Counts the dead letters that a filter selects, or starts their redrive, which continues after the response. */
  private async redriveAll(req: IncomingMessage): Promise<unknown> {
    const { dryRun, filter } = parseRedriveAll(await readJson(req));
    if (!dryRun) return this.sources.redrives.start(filter);
    const { signal, dispose } = untilGone(req);
    return this.sources.redrives.count(filter, signal).finally(dispose);
  }

  /** Runs a schedule now. If the run's target accepts no request, the response is an error. */
  private async runSchedule(req: IncomingMessage): Promise<unknown> {
    const name = String((await readJson(req)).name);
    const { schedules } = this.sources;
    if (!schedules.list().some((schedule) => schedule.name === name))
      throw new Refusal(404, 'there is no such schedule');
    const { outcome, ...started } = schedules.run(name);
    const { error } = await outcome(0);
    if (error) throw new Refusal(409, `${error.code}: ${error.message}`);
    return started;
  }

  private items(query: URLSearchParams): Promise<unknown> {
    const name = required(query, 'table');
    const table = this.sources.tables.find(({ tableName }) => tableName === name);
    if (!table) throw new Refusal(404, 'there is no such table');
    const next = query.get('after');
    const after = next ? decodeNext(next) : undefined;
    if (next && !after) throw new Refusal(400, '`after` is not the `next` of a page');
    return itemPage(table, this.sources.dynamo, { partition: query.get('partition') ?? undefined, after });
  }

  private messages(query: URLSearchParams): unknown {
    const arn = required(query, 'queue');
    const known = this.sources.queues.find(({ queue }) => queue.arn === arn);
    if (!known) throw new Refusal(404, 'there is no such queue');
    return queueMessages(known.queue);
  }

  /**
   * Ends a connection without a close frame, as a network failure does. The developer can see how a client reconnects.
   */
  private async disconnect(req: IncomingMessage): Promise<unknown> {
    const { connectionId } = await readJson(req);
    const gateway = this.sources.gateways.find((candidate) =>
      candidate.connections().some((connection) => connection.connectionId === connectionId),
    );
    if (!gateway) throw new Refusal(404, 'the connection is not open any more');
    gateway.disconnect(String(connectionId));
    return {};
  }
}

/**
 * Returns a signal that is aborted when the client ends the connection. A page does so when it no longer needs the
 * answer.
 */
function untilGone({ socket }: IncomingMessage): { readonly signal: AbortSignal; dispose(): void } {
  const gone = new AbortController();
  const abort = () => gone.abort();
  socket.once('close', abort);
  return { signal: gone.signal, dispose: () => void socket.off('close', abort) };
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (!value) throw new Refusal(400, `\`${name}\` is missing`);
  return value;
}

async function readJson(req: IncomingMessage): Promise<JsonObject> {
  if (!isJson(req)) throw new Refusal(415, 'the body must be JSON');
  const body = await readBody(req, MAX_BODY_BYTES);
  if (!body) throw new Refusal(413, `the body must have at most ${MAX_BODY_BYTES} bytes`);
  const value = parseJsonObject(body.toString('utf8'));
  if (!value) throw new Refusal(400, 'the body must be a JSON object');
  return value;
}

function answer(res: ServerResponse, status: number, value: unknown): void {
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  res.writeHead(status, headers);
  res.end(JSON.stringify(value));
}
