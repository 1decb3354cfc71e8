import { randomUUID } from 'node:crypto';
import { AwsJsonError, type AwsService, awsJsonService, type Fields } from '../http';
import { type Clock, type LogSink, systemClock } from '../types';
import { compileEventPattern } from './event-pattern';
import {
  MAX_BYTES,
  MAX_ENTRIES,
  type PutEventsEntry,
  type PutEventsResult,
  refusal,
  sizeOf,
  toEvent,
} from './put-events';
import { compileInput } from './target-input';
import type { BusEvent, BusRule, BusTarget } from './types';

export interface EventBusOptions {
  readonly accountId: string;
  readonly region: string;
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
}

interface Rule {
  readonly ruleName: string;
  matches(event: BusEvent): boolean;
  readonly targets: readonly { readonly target: BusTarget; readonly input: (event: BusEvent) => string }[];
}

const DEFAULT_BUS = 'default';

/** The event buses of a local run, and the operation PutEvents. */
export class EventBusService {
  /** The API of the service, for an entry point. */
  public readonly api: AwsService;
  private readonly buses = new Map<string, Rule[]>([[DEFAULT_BUS, []]]);
  private readonly clock: Clock;
  private readonly newId: () => string;

  public constructor(private readonly options: EventBusOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    const operations = new Map([['PutEvents', (fields: Fields) => this.putEvents(fields)]]);
    this.api = awsJsonService({
      name: 'events',
      version: '1.1',
      targetPrefix: 'AWSEvents.',
      operations,
      log: options.log,
    });
  }

  public addBus(name: string): void {
    if (!this.buses.has(name)) this.buses.set(name, []);
  }

  /**
   * Adds a rule to its bus.
   *
   * @throws FilterPatternError if EventBridge would refuse the pattern
   * @throws JsonPathError or SyntaxError if the input of a target is invalid
   * @throws Error if there is no such bus
   */
  public addRule(rule: BusRule): void {
    const { busName = DEFAULT_BUS, ruleName, targets } = rule;
    const rules = this.buses.get(busName);
    if (!rules) throw new Error(`there is no event bus ${busName}`);
    rules.push({
      ruleName,
      matches: compileEventPattern(rule.pattern),
      targets: targets.map((target) => ({ target, input: compileInput(target, rule) })),
    });
  }

  /**
   * Puts events on the buses.
   *
   * @returns one result for each entry, in the same order
   */
  public put(entries: readonly PutEventsEntry[]): PutEventsResult[] {
    return entries.map((entry) => refusal(entry) ?? this.accept(entry));
  }

  private putEvents({ Entries }: Fields): unknown {
    const entries = (Array.isArray(Entries) ? Entries : []) as PutEventsEntry[];
    if (entries.length === 0 || entries.length > MAX_ENTRIES) {
      throw validation(`'entries' must have 1 to ${MAX_ENTRIES} members, got: ${entries.length}`);
    }
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) >= MAX_BYTES) {
      throw validation('Total size of the entries in the request is over the limit.');
    }
    const results = this.put(entries);
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  /** Accepts an entry. As on AWS, an event for a bus that does not exist is accepted and discarded. */
  private accept(entry: PutEventsEntry): PutEventsResult {
    const id = this.newId();
    const { accountId: account, region } = this.options;
    const event = toEvent(entry, { id, now: this.clock.now(), account, region });
    const busName = busNameOf(entry.EventBusName);
    const rules = this.buses.get(busName);
    if (!rules) this.say('warn', `there is no event bus ${busName}: ${event['detail-type']} is dropped`);
    for (const rule of rules ?? []) if (rule.matches(event)) this.run(rule, event);
    return { EventId: id };
  }

  private run({ ruleName, targets }: Rule, event: BusEvent): void {
    for (const { target, input } of targets) {
      const json = input(event);
      try {
        target.deliver(json);
        this.say('info', `${event['detail-type']}: ${ruleName} → ${target.name}`);
      } catch (error) {
        this.say('error', `${ruleName} cannot reach ${target.name}: ${(error as Error).message}`);
        target.onFailure?.(json, error as Error);
      }
    }
  }

  private say(level: 'info' | 'warn' | 'error', message: string): void {
    this.options.log({ source: 'events', level, message });
  }
}

/** Returns the name of a bus from its name or ARN. */
export function busNameOf(reference: unknown): string {
  return typeof reference === 'string' && reference !== '' ? (reference.split('/').at(-1) ?? reference) : DEFAULT_BUS;
}

const validation = (message: string) => new AwsJsonError('ValidationException', message);
