import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import type { LocalRun } from '../../local/run';
import { observe } from './observe';

/** Numbers of the calls that AWS bills, by name. */
export type Counts = Readonly<Record<string, number>>;

/** Time in milliseconds. If no call is made for this long, the work of a request counts as finished. */
const QUIET_MS = 1_000;

/** Counts the calls that a local run makes from now on. */
export class CallCounter {
  private readonly counts = new Map<string, number>();

  /**
   * @param queue name of the queue's resource; the calls of this queue's poller are calls of Lambda
   * @param tables names of the tables' resources; the keys are the tables' names in the figures
   */
  public constructor(
    private readonly run: LocalRun,
    queue: string,
    private readonly tables: Readonly<Record<string, string>>,
  ) {
    this.countInvocations(run);
    this.countQueueCalls(run, queue);
  }

  /** A WebSocket class that counts messages, without control frames. */
  public socketClass(): new (url: string, protocols: string[]) => WebSocket {
    const { add } = this;
    return class CountedWebSocket extends WebSocket {
      public constructor(url: string, protocols: string[]) {
        super(url, protocols);
        this.on('message', () => add('messages_out'));
      }

      public override send(data: unknown): void {
        add('messages_in');
        super.send(String(data));
      }
    };
  }

  /** Waits until all work is finished, and returns the counts. */
  public async settled(): Promise<Counts> {
    for (let before = ''; ; ) {
      const counts = this.now();
      if (JSON.stringify(counts) === before) return counts;
      before = JSON.stringify(counts);
      await setTimeout(QUIET_MS);
    }
  }

  private now(): Counts {
    const units = Object.entries(this.tables).flatMap(([name, resource]) => {
      const table = this.run.physicalName(resource);
      const calls = this.run.dynamodb.calls().filter((call) => call.table === table);
      return [
        [`${name}_write_units`, sum(calls.map(({ writeUnits }) => writeUnits))],
        [`${name}_read_units`, sum(calls.map(({ readUnits }) => readUnits))],
      ];
    });
    return { ...Object.fromEntries(this.counts), ...Object.fromEntries(units) };
  }

  private readonly add = (name: string): void => {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  };

  private countInvocations({ host, functions }: LocalRun): void {
    const names = new Map(functions.map(({ functionName, path }) => [functionName, roleOf(path)]));
    observe(host, 'invoke', ([functionName]) => this.add(`${names.get(functionName)}_invocations`));
  }

  private countQueueCalls({ sqs, physicalName }: LocalRun, queueName: string): void {
    const queue = sqs.queueByUrl(physicalName(queueName));
    observe(sqs.api, 'handle', ([request]) => {
      const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      this.add(operation.startsWith('SendMessage') ? 'sqs_sends' : 'sqs_visibility_changes');
    });
    observe(queue, 'receive', (_, messages) => {
      if (messages.length > 0) this.add('sqs_receives');
    });
    observe(queue, 'delete', () => this.add('sqs_deletes'));
  }
}

/** Returns the differences between two sets of counts. */
export function difference(after: Counts, before: Counts): Counts {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}

/**
 * Returns the role of a function by its path: `router` for `Stack/Streamer/Router/Function`, `processor` for
 * `Stack/Streamer/Processors/work/Function`.
 */
function roleOf(path: string): string {
  const [, role = path] = /\/Streamer\/(\w+?)s?\//.exec(path) ?? [];
  return role.toLowerCase();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
