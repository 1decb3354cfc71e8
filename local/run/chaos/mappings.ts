import { randomUUID } from 'node:crypto';
import type { FaultPlan, PlannedFault } from '../../emulator/chaos';
import type { FunctionInvoker, InvokeResult, StreamRecord } from '../../emulator/types';
import type { FaultTimers } from './timers';

/** Kind of an event source, with what it may do to its records and messages. */
export type MappingKind =
  /** A stream. Records are lost only after the last retry, so only if there is a maximum of retries. */
  | { readonly kind: 'stream'; readonly mayLose: boolean }
  /** A queue. A FIFO queue keeps the order of its messages, and does not repeat them. */
  | { readonly kind: 'queue'; readonly fifo: boolean };

type Invoke = FunctionInvoker['invoke'];

/** Returns an invoker whose batches of records or messages are late, repeated, reordered, poisoned or lost. */
export function mappingFaults(
  kind: MappingKind,
  invoker: FunctionInvoker,
  plan: FaultPlan,
  timers: FaultTimers,
): FunctionInvoker {
  const chaos =
    kind.kind === 'stream' ? new RecordFaults(kind.mayLose, plan, timers) : new MessageFaults(kind.fifo, plan, timers);
  return {
    invoke: (name, event, options) =>
      chaos.invoke((changed) => invoker.invoke(name, changed, options), event as { Records: never[] }),
    invokeAsync: (...given) => invoker.invokeAsync(...given),
  };
}

const NOTHING_TO_DO: InvokeResult = { ok: true, payload: undefined, durationMs: 0 };
const UNKNOWN: InvokeResult = {
  ok: false,
  kind: 'Unhandled',
  durationMs: 0,
  error: { errorType: 'Fault', errorMessage: 'a fault has lost the answer of the function' },
};

type Deliver<T> = (event: { readonly Records: readonly T[] }) => ReturnType<Invoke>;

class RecordFaults {
  public constructor(
    private readonly mayLose: boolean,
    private readonly plan: FaultPlan,
    private readonly timers: FaultTimers,
  ) {}

  public async invoke(deliver: Deliver<StreamRecord>, { Records }: { Records: StreamRecord[] }): Promise<InvokeResult> {
    const changed: StreamRecord[] = [];
    for (const record of Records) await this.add(changed, record);
    const result = changed.length > 0 ? await deliver({ Records: changed }) : NOTHING_TO_DO;
    const again = this.plan.next('batch');
    if (!again || !result.ok) return result;
    this.plan.took(again);
    return UNKNOWN;
  }

  private async add(records: StreamRecord[], record: StreamRecord): Promise<void> {
    const fault = this.plan.next('record');
    const previous = records.at(-1);
    const isOther = previous !== undefined && keyOf(previous) !== keyOf(record);
    if (!fault || (fault.fault === 'lose' && !this.mayLose) || (fault.fault === 'reorder' && !isOther)) {
      records.push(record);
      return;
    }
    this.plan.took(fault);
    if (fault.fault === 'late') await this.timers.sleep(fault.ms);
    if (fault.fault === 'poison') records.push(poisoned(record));
    if (fault.fault === 'duplicate') records.push(record);
    if (fault.fault === 'reorder') records.splice(-1, 0, record);
    else if (fault.fault !== 'lose') records.push(record);
  }
}

const keyOf = ({ dynamodb }: StreamRecord): string => JSON.stringify(dynamodb.Keys);

const poisoned = (record: StreamRecord): StreamRecord => ({
  ...record,
  eventID: randomUUID(),
  dynamodb: { ...record.dynamodb, NewImage: { poison: { S: 'a fault has added this record' } }, OldImage: undefined },
});

interface Message {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
}

class MessageFaults {
  public constructor(
    private readonly fifo: boolean,
    private readonly plan: FaultPlan,
    private readonly timers: FaultTimers,
  ) {}

  public async invoke(deliver: Deliver<Message>, event: { Records: Message[] }): Promise<InvokeResult> {
    for (const message of event.Records) {
      const fault = this.plan.next('message');
      if (fault && this.applies(fault)) await this.apply(fault, deliver, message);
    }
    return deliver(event);
  }

  private applies({ fault }: PlannedFault<'message'>): boolean {
    return fault === 'late' || (fault !== 'lose' && !this.fifo);
  }

  private async apply(fault: PlannedFault<'message'>, deliver: Deliver<Message>, message: Message): Promise<void> {
    this.plan.took(fault);
    if (fault.fault === 'late') return this.timers.sleep(fault.ms);
    const body = '{"poison":"a fault has added this message"}';
    const other =
      fault.fault === 'poison' ? { ...message, body, messageId: randomUUID(), receiptHandle: 'fault' } : message;
    // the other message is delivered at the same time, and its result does not matter
    deliver({ Records: [other] }).catch(() => undefined);
  }
}
