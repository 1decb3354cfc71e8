/**
 * The faults that a plan can inject, by the place at which they occur. All of them occur on AWS.
 *
 * | place | one occurrence is |
 * |---|---|
 * | `handshake` | an attempt of a client to open a WebSocket |
 * | `connection` | a WebSocket that was opened |
 * | `disconnect` | the end of a connection, which API Gateway reports with `$disconnect` |
 * | `post` | a frame that a function posts to a connection |
 * | `record` | a record of a table's stream |
 * | `batch` | a batch of records that a function has processed |
 * | `message` | a message that was sent to a queue |
 * | `init` | the start of a function's process |
 * | `clock` | the same; the clock of the process may differ from that of the others |
 * | `invocation` | the invocation of a function |
 * | `read`, `write`, `send`, `call` | a call of a function to a service: a read or write of a table, a send to a queue, any other call |
 * | `index` | a query of a table's index |
 */
export const FAULTS = {
  handshake: { refuse: 'the handshake fails' },
  connection: {
    cut: 'the connection is lost without a close frame',
    'half-open': 'the client loses the connection, and the service notices it later',
    'late-open': 'posts to a new connection answer 410 for a short time, although the handshake has succeeded',
    'full-buffer': 'the client does not read for a time, so that its buffer is full',
  },
  disconnect: { lose: 'the function is not invoked with `$disconnect`' },
  post: { throttle: 'the post is answered with 429', lose: 'the frame is accepted, but does not reach the client' },
  record: {
    lose: 'the record never reaches the function',
    duplicate: 'the record reaches the function twice',
    late: 'the record is late, with all later records of its shard',
    reorder: 'the record overtakes the previous record of another item',
    poison: 'a record that the function cannot process precedes the record',
  },
  batch: { again: 'the answer of the function is lost, so that the batch comes again' },
  message: {
    lose: 'the message is lost',
    duplicate: 'the message is delivered twice',
    late: 'the message is late',
    poison: 'a message that the function cannot process precedes the message',
  },
  init: { kill: 'the process ends before it receives an event' },
  invocation: {
    kill: 'the process ends at one of its calls, before or after the effect of the call',
    freeze: 'the process is frozen at one of its calls for a time',
    throttle: 'the invocation is throttled',
  },
  clock: {
    skew: 'the clock of the process is slow or fast',
    jump: 'the clock of the process is set while the process runs',
  },
  read: callFaults('the read'),
  write: callFaults('the write'),
  send: { ...callFaults('the send'), partial: 'some messages of the batch are not accepted' },
  call: callFaults('the call'),
  index: { lag: 'the index does not contain the latest writes' },
} as const;

function callFaults(call: string) {
  return {
    throttle: `${call} is throttled`,
    error: `${call} is answered with an internal error`,
    drop: `the connection ends before ${call} reaches the service`,
    unanswered: `${call} takes effect, but its answer is lost`,
    slow: `${call} takes longer`,
  } as const;
}

/** A place at which faults occur. */
export type FaultPlace = keyof typeof FAULTS;

/** A fault of a place. */
export type FaultAt<Place extends FaultPlace> = Place extends FaultPlace
  ? keyof (typeof FAULTS)[Place] & string
  : never;

/** Rule of a profile: at each occurrence of the place, the fault is injected with this chance. */
export type FaultRule = { [Place in FaultPlace]: RuleAt<Place> }[FaultPlace];

interface RuleAt<Place extends FaultPlace> {
  readonly at: Place;
  readonly fault: FaultAt<Place>;
  /** Chance from 0 to 1. */
  readonly chance: number;
  /**
   * Range of a time in milliseconds: the delay of a late event, the time until a connection is lost, the length of a freeze, or the deviation of a
   * clock, which may also be negative. @default [0, 0]
   */
  readonly ms?: Range;
  /** Range of the number of the call at which a process ends or freezes, or at which its clock is set. @default [1, 1] */
  readonly calls?: Range;
}

/** The smallest and the largest value, both included. */
export type Range = readonly [least: number, most: number];

/** Times in which a service answers no call. */
export interface Outages {
  /** The services, one of which is chosen for each outage. */
  readonly services: readonly string[];
  /** Range of the time from one outage to the next, in milliseconds. */
  readonly everyMs: Range;
  /** Duration of an outage in milliseconds. */
  readonly lastsMs: number;
}

/** A named set of faults. */
export interface FaultProfile {
  readonly description: string;
  readonly rules: readonly FaultRule[];
  /** @default - all services are available all the time */
  readonly outages?: Outages;
}
