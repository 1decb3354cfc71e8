import { EVENTS } from '../../src/contract';
import type { LambdaHost } from '../emulator/lambda';
import type { WebSocketGateway } from '../emulator/websocket-api';
import type { BulkRedrives } from './bulk-redrives';
import { BATCH_KEYS, type Dynamo } from './dynamo';
import { progressReport } from './frame-kind';
import { type KnownQueue, queueViews } from './queues';
import type { Recorder } from './recorder';
import { type RequestIndex, requestView, type TrackedRequest } from './request-index';
import { logKeyOf } from './streamer-format';
import type {
  ConnectionView,
  Delta,
  FunctionView,
  LogLine,
  RequestView,
  RunInfo,
  Snapshot,
  TimingSample,
} from './types';

export interface StateSources {
  readonly run: RunInfo;
  readonly recorder: Recorder;
  readonly requests: RequestIndex;
  readonly dynamo: Dynamo;
  readonly host: Pick<LambdaHost, 'environments'>;
  readonly gateways: readonly { readonly name: string; readonly gateway: Pick<WebSocketGateway, 'connections'> }[];
  readonly queues: readonly KnownQueue[];
  readonly redrives: Pick<BulkRedrives, 'view'>;
  readonly now: () => number;
}

/**
 * Maximum number of samples, and of log lines per source, in one message. A reloaded page gets all samples and log
 * lines.
 */
const MAX_NEWS = 1000;

type Section = 'connections' | 'functions' | 'queues' | 'requestsSeen' | 'redrive';

/** State of the run for the console, and its changes. */
export class ConsoleState {
  private readonly sent = new Map<Section, string>();
  /** New log lines by source. A source that writes many lines replaces only its own earlier lines. */
  private readonly newLines = new Map<string, LogLine[]>();
  private newSamples: TimingSample[] = [];
  private readonly stops: readonly (() => void)[];

  public constructor(private readonly sources: StateSources) {
    const { recorder, requests } = sources;
    this.stops = [
      recorder.onLine((line) => this.addLine(line)),
      recorder.onFailure(({ id }) => requests.touch(id)),
      recorder.onSample((sample) => keepLast(this.newSamples, sample)),
    ];
  }

  /** Ends the subscriptions to the recorder, because the recorder may be used longer than this console. */
  public close(): void {
    for (const stop of this.stops) stop();
  }

  public snapshot(): Snapshot {
    const { run, recorder, requests } = this.sources;
    return {
      run,
      connections: this.connections(),
      functions: this.functions(),
      queues: this.queues(),
      requests: requests.all().map((tracked) => this.requestView(tracked)),
      requestsSeen: requests.seen,
      redrive: this.sources.redrives.view,
      samples: recorder.frames.samples(),
      logs: recorder.logLines(),
    };
  }

  public delta(): Delta | undefined {
    const parts = {
      connections: this.ifChanged('connections', this.connections()),
      functions: this.ifChanged('functions', this.functions()),
      queues: this.ifChanged('queues', this.queues()),
      requests: this.changedRequests(),
      requestsSeen: this.ifChanged('requestsSeen', this.sources.requests.seen),
      redrive: this.ifChanged('redrive', this.sources.redrives.view),
      samples: this.newSamples.length === 0 ? undefined : this.newSamples,
      logs: this.newLines.size === 0 ? undefined : [...this.newLines.values()].flat().sort((a, b) => a.seq - b.seq),
    };
    this.newSamples = [];
    this.newLines.clear();
    const changed = Object.values(parts).some((part) => part !== undefined);
    return changed ? { now: this.sources.now(), ...parts } : undefined;
  }

  /** Reads the progress of the running requests, which is in a separate table. */
  public async refresh(): Promise<void> {
    const { requests, dynamo } = this.sources;
    const running = requests.all().filter(({ item }) => item.status === 'RUNNING');
    const byLog = new Map(running.slice(-BATCH_KEYS).map((tracked) => [logKeyOf(tracked.item), tracked]));
    for (const table of new Set([...byLog.values()].map(({ eventsTable }) => eventsTable))) {
      const logKeys = [...byLog].filter(([, tracked]) => tracked.eventsTable === table).map(([logKey]) => logKey);
      const keys = logKeys.map((S) => ({
        [EVENTS.partitionKey]: { S },
        [EVENTS.sortKey]: { N: String(EVENTS.headOffset) },
      }));
      // the run may end during this read
      const heads = await dynamo.batchGet(table, keys).catch(() => []);
      for (const head of heads) {
        const tracked = byLog.get(String(head[EVENTS.partitionKey]));
        // the item of an attempt without a progress report is empty
        if (tracked && head.seq !== 0) requests.setProgress(tracked.item.requestKey, progressReport(head));
      }
    }
  }

  private connections(): ConnectionView[] {
    const { gateways, recorder } = this.sources;
    const open = gateways.flatMap(({ name, gateway }) =>
      gateway.connections().map((connection) => recorder.frames.view(name, connection)),
    );
    return [...open.sort((a, b) => b.connectedAt - a.connectedAt), ...recorder.frames.closedConnections()];
  }

  private functions(): FunctionView[] {
    const { run, host, recorder } = this.sources;
    return run.functions.map(({ functionName, name }) => {
      const environments = host.environments(functionName);
      const busy = environments.filter((environment) => environment.busy).length;
      return { functionName, name, environments: environments.length, busy, ...recorder.invocations.of(functionName) };
    });
  }

  private queues() {
    return queueViews(this.sources.queues);
  }

  private changedRequests(): Delta['requests'] {
    const { requests } = this.sources;
    const keys = requests.takeChanged();
    if (keys.length === 0) return undefined;
    const changed = keys.flatMap((key) => requests.get(key) ?? []).map((tracked) => this.requestView(tracked));
    return { changed, removed: keys.filter((key) => !requests.get(key)) };
  }

  private addLine(line: LogLine): void {
    const lines = this.newLines.get(line.source) ?? [];
    this.newLines.set(line.source, lines);
    keepLast(lines, line);
  }

  private requestView(tracked: TrackedRequest): RequestView {
    return requestView(tracked, this.sources.recorder.failures.of(tracked.item.id, tracked.item.action));
  }

  private ifChanged<T>(section: Section, value: T): T | undefined {
    const text = JSON.stringify(value);
    if (this.sent.get(section) === text) return undefined;
    this.sent.set(section, text);
    return value;
  }
}

function keepLast<T>(items: T[], item: T): void {
  items.push(item);
  if (items.length > 2 * MAX_NEWS) items.splice(0, MAX_NEWS);
}
