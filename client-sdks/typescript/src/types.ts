import type { SnapshotReport } from './request/request-state';
import type { Json, ListedRequestFields, RequestStatus, WireError } from './wire/messages';

/** Input, result and events of one action. */
export interface ActionTypes {
  readonly input: unknown;
  readonly result: unknown;
  readonly events: unknown;
}

/** Types of a client without `Actions`: any action is allowed. */
export type UntypedActions = Record<string, { input: unknown; result: unknown; events: Record<string, unknown> }>;

/**
 * The types of a client, read from the handlers' modules: `ActionsOf<{ report: typeof import('./handlers/report') }>`.
 *
 * Only types are read, so the bundle contains no code of a handler. Results and the data of events have the types of their JSON: a `Date` becomes a
 * string.
 *
 * `Priorities` names the priority classes of actions: `ActionsOf<…, { report: 'high' | 'bulk' }>`. A request of another action may name any class, and
 * the server refuses a class that the action does not have.
 */
export type ActionsOf<Modules, Priorities extends { readonly [Action in keyof Modules]?: string } = object> = {
  [Action in keyof Modules]: Action extends keyof Priorities
    ? ActionOf<Modules[Action]> & { priority: Priorities[Action] }
    : ActionOf<Modules[Action]>;
};

type ActionOf<Module> = Module extends { readonly default: { readonly '~types'?: infer Types } }
  ? Describe<NonNullable<Types>>
  : { input: unknown; result: unknown; events: Record<string, unknown> };

interface Describe<Types> {
  input: Types extends { readonly input: infer Input } ? Input : unknown;
  result: Types extends { readonly result: infer Result } ? Jsonified<Result> : unknown;
  events: Types extends { readonly events: infer Events } ? JsonifiedFields<Events> : Record<string, unknown>;
  messages: Types extends { readonly messages: infer Messages } ? Messages : Record<string, unknown>;
}

/** The type of a value after serialization to JSON and back. */
export type Jsonified<T> = unknown extends T
  ? T
  : T extends { toJSON(): infer Plain }
    ? Jsonified<Plain>
    : T extends Json
      ? T
      : T extends undefined
        ? null
        : T extends readonly unknown[]
          ? { [Index in keyof T]: Jsonified<T[Index]> }
          : T extends (...args: never) => unknown
            ? never
            : T extends object
              ? JsonifiedFields<T>
              : T extends void
                ? null
                : never;

type JsonifiedFields<T> = {
  [Key in keyof T]: undefined extends T[Key] ? Jsonified<Exclude<T[Key], undefined>> | undefined : Jsonified<T[Key]>;
};

/** The input of an action. */
export type InputOf<Action> = Action extends { input: infer Input } ? Input : unknown;
/** The result of an action, with the types of its JSON. */
export type ResultOf<Action> = Action extends { result: infer Result } ? Result : unknown;

/** The messages that a running request of an action takes: data by name. */
export type MessagesOf<Action> = Action extends { messages: infer Messages } ? Messages : Record<string, unknown>;

/** The priority classes of an action. */
export type PriorityOf<Action> = Action extends { priority: infer Priority extends string } ? Priority : string;

/** An event of an action. If the handler declares its events, the type of `data` depends on `name`. */
export type EventOf<Action> = Action extends { events: infer Events }
  ? { [Name in EventName<Events>]: ActionEvent<Name, Events[Name]> }[EventName<Events>]
  : ActionEvent<string, unknown>;

/** `$snapshot` of a handler's events is not an event: it declares the type of the handler's snapshots. */
type EventName<Events> = Exclude<keyof Events & string, '$snapshot'>;

/** A snapshot of an action. The type of `data` is that of `$snapshot` in the events that the handler declares. */
export type SnapshotOf<Action> = ActionSnapshot<Action extends { events: { $snapshot: infer Data } } ? Data : unknown>;

/** A snapshot with its position in the request's log. */
export interface ActionSnapshot<Data> extends Omit<SnapshotReport, 'data'> {
  readonly data: Data;
}

/** An event with its offset in the request's log. */
export interface ActionEvent<Name, Data> {
  readonly name: Name;
  readonly data: Data;
  /** Offset in the request's log. */
  readonly offset: number;
}

/** Arguments of `request`. The input may be left out if it may be `undefined`, for example if the handler has no schema. */
export type RequestArguments<Action, Options> =
  undefined extends InputOf<Action>
    ? [input?: InputOf<Action>, options?: Options]
    : [input: InputOf<Action>, options?: Options];

/** Arguments of `send`: the data may be left out if it may be `undefined`. */
export type MessageArguments<Data, Options> = undefined extends Data
  ? [data?: Data, options?: Options]
  : [data: Data, options?: Options];

/** Options that select the requests to list. Default: all requests of the user. */
export interface ListOptions<Action extends string = string> {
  /** Lists only requests of this action. Default: requests of any action. */
  readonly action?: Action;
  /** Lists only requests with this status, or with one of these statuses. Default: requests with any status. */
  readonly status?: RequestStatus | readonly RequestStatus[];
  /** Maximum number of requests in the page, from 1 to 50. Default: 20. */
  readonly limit?: number;
  /** The `cursor` of the previous page. Default: the list begins with the newest request. */
  readonly cursor?: string;
}

/** One page of the user's requests. */
export interface RequestPage<Actions = UntypedActions> {
  /** Requests of this page, the newest first. */
  readonly requests: readonly ListedRequest<Actions>[];
  /** Value to pass in the options of the next page. Absent if this is the last page. */
  readonly cursor?: string;
}

/** A request in a list; its `action` determines the type of its `input`. */
export type ListedRequest<Actions = UntypedActions> = {
  [Action in keyof Actions & string]: ListedRequestOf<Action, InputOf<Actions[Action]>>;
}[keyof Actions & string];

interface ListedRequestOf<Action, Input> {
  readonly id: string;
  readonly action: Action;
  readonly status: RequestStatus;
  /** Time at which the request was accepted, in epoch milliseconds. */
  readonly createdAt: number;
  /** Identifies the request's log; `attach` takes it together with the `id`. */
  readonly epoch: string;
  readonly ref: string;
  /** Number of the run, from 1. */
  readonly run: number;
  /** Number of the latest attempt within the run; 0 before the first attempt. */
  readonly attempt: number;
  /** The input as it was sent. Absent if there was no input, or if its JSON is longer than about 2,000 characters. */
  readonly input?: Input;
  /** The last report of the latest attempt. Absent if the attempt has not reported any progress, or if the request completed. */
  readonly progress?: ListedRequestFields['progress'];
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: WireError;
}
