import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Credentials } from '../emulator/http';
import type { LambdaHost } from '../emulator/lambda';
import type { StateSlot } from '../emulator/state';
import type { Clock, LogSink, StreamReader } from '../emulator/types';
import type { WebSocketGateway } from '../emulator/websocket-api';
import { type ApiTables, connectOperations, type RequestOperations } from '../operations';
import { type ApiSources, ConsoleApi } from './api';
import { BulkRedrives } from './bulk-redrives';
import { Dynamo, itemsOf } from './dynamo';
import { Live } from './live';
import { findPage, Page } from './page';
import type { KnownQueue } from './queues';
import type { Recorder } from './recorder';
import { RequestHistory } from './request-history';
import { RequestIndex } from './request-index';
import { ConsoleState } from './state';
import type { KnownTable } from './tables';
import type { RunInfo } from './types';

/** The parts of the run that the console reads. */
export interface ConsoleSources {
  readonly run: RunInfo;
  readonly recorder: Recorder;
  readonly host: Pick<LambdaHost, 'environments'>;
  readonly schedules: ApiSources['schedules'];
  readonly gateways: readonly { readonly name: string; readonly gateway: WebSocketGateway }[];
  readonly dynamodbUrl: string;
  /** Credentials with which the console signs its requests to DynamoDB. */
  readonly credentials: Credentials;
  readonly tables: readonly KnownTable[];
  readonly queues: readonly KnownQueue[];
  /** The Streamer APIs of the run. Each has a reader for the stream of its requests table. */
  readonly apis: readonly (ApiTables & { readonly stream: StreamReader })[];
  /** Finds an input that the schema of an action accepts. @default - there are no example inputs */
  readonly inputExample?: ApiSources['inputExample'];
  /** Persistent storage for the history of requests. @default - no history: the run begins with empty tables */
  readonly state?: StateSlot;
  readonly clock: Clock;
  readonly log: LogSink;
  /** Folder with the bundled page. @default - the folder next to this bundle */
  readonly pageDir?: string;
}

export interface Console {
  handleRequest(req: IncomingMessage, res: ServerResponse): Promise<void>;
  close(): void;
}

/** Begins to follow the Streamer requests of the run, and to answer the HTTP requests of pages. */
export function startConsole(sources: ConsoleSources): Console {
  const { recorder, clock, gateways, queues, tables, apis, state: slot } = sources;
  const dynamo = new Dynamo(sources.dynamodbUrl, sources.credentials);
  const requests = new RequestIndex(clock, sources.log, new RequestHistory(slot));
  for (const api of apis) requests.follow(api.stream, api, slot && (() => itemsOf(api.requestsTable, dynamo)));
  const stop = recorder.onProgress((owner, id, report) => requests.reported(owner, id, report));
  const now = () => clock.now();
  const operations = operationsOn(sources);
  const redrives = new BulkRedrives(() => apis.map(({ requestsTable }) => operations(requestsTable)), now);
  const state = new ConsoleState({ ...sources, dynamo, requests, redrives, now });
  const live = new Live(state, clock);
  const api = new ConsoleApi({
    page: new Page(sources.pageDir ?? findPage()),
    live,
    requests,
    tables,
    queues,
    dynamo,
    operations,
    redrives,
    schedules: sources.schedules,
    inputExample: sources.inputExample ?? (async () => ({})),
    frames: recorder.frames,
    failures: recorder.failures,
    logLines: () => recorder.logLines(),
    gateways: gateways.map(({ gateway }) => gateway),
    deadLetterQueues: (action) =>
      queues.filter((known) => known.deadLetters && known.action === action).map(({ queue }) => queue),
  });
  return {
    handleRequest: (req, res) => api.handle(req, res),
    close: () => {
      stop();
      redrives.close();
      live.close();
      state.close();
      requests.close();
    },
  };
}

/** Region in signatures. The run's services accept any Region. */
const REGION = 'us-east-1';

function operationsOn({ apis, dynamodbUrl: endpoint, credentials }: ConsoleSources) {
  return (requestsTable: string): RequestOperations => {
    const tables = apis.find((api) => api.requestsTable === requestsTable);
    if (!tables) throw new Error(`no API has the table ${requestsTable}`);
    return connectOperations(tables, { endpoint, region: REGION, credentials });
  };
}
