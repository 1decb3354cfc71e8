import type { Clock } from '../../types';
import type { ParsedRequest } from '../dynalite/shapes';
import { consumedCapacities } from './consumed-capacity';
import { errorName, isAnswer, transactionCanceled, validationError } from './errors';
import type { Meter } from './meter';
import type { Item } from './model';
import type { Reads } from './reads';
import { itemBytes } from './sizes';
import type { Store } from './store';
import type { Table } from './table';
import { RequestTokens } from './tokens';
import { parseGets, parseWrites, type TransactionStep } from './transaction-requests';
import { checkCondition, itemKey, type Writes } from './writes';

/** Maximum total size of the items in a transaction, in bytes (API reference, TransactWriteItems). */
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

interface CancellationReason {
  Code: string;
  Message?: string;
  Item?: Item;
}

/** Consumption of one step. If the request is repeated, this consumption is charged again. */
interface Footprint {
  readonly table: Table;
  readonly bytes: number;
}

/** Executes TransactWriteItems and TransactGetItems. */
export class Transactions {
  private readonly tokens: RequestTokens<Footprint[]>;

  constructor(
    private readonly store: Store,
    private readonly writes: Writes,
    private readonly reads: Reads,
    clock: Clock,
  ) {
    this.tokens = new RequestTokens(clock);
  }

  public write(input: ParsedRequest, meter: Meter): object {
    const fingerprint = JSON.stringify(input.TransactItems);
    const { data, steps } = parseWrites(input);
    const earlier = this.tokens.find(data.ClientRequestToken, fingerprint);
    if (earlier) {
      for (const { table, bytes } of earlier) meter.replay(table, bytes);
    } else {
      this.tokens.keep(data.ClientRequestToken, fingerprint, this.execute(steps, meter));
    }
    return { ConsumedCapacity: consumedCapacities(meter, data.ReturnConsumedCapacity) };
  }

  public get(input: ParsedRequest, meter: Meter): object {
    const { data, gets } = parseGets(input);
    const Responses = gets.map((get) => {
      const Item = this.reads.read(this.store.table(get.TableName), get.Key, get, meter);
      return Item ? { Item } : {};
    });
    return { Responses, ConsumedCapacity: consumedCapacities(meter, data.ReturnConsumedCapacity) };
  }

  private execute(steps: readonly TransactionStep[], meter: Meter): Footprint[] {
    this.checkDistinct(steps);
    return this.store.atomically(() => {
      const outcomes = steps.map((step) => this.attempt(step, meter));
      const reasons = outcomes.map(({ reason }) => reason);
      if (reasons.some((reason) => reason.Code !== 'None')) throw transactionCanceled(reasons);
      const footprints = outcomes.map(({ footprint }) => footprint);
      if (footprints.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_TRANSACTION_BYTES) {
        throw validationError('Transaction request size has exceeded the maximum allowed size of 4 MB');
      }
      return footprints;
    });
  }

  /**
   * Executes one step. Later steps are executed even if one has failed, because the response contains a reason for each
   * step.
   */
  private attempt(step: TransactionStep, meter: Meter): { reason: CancellationReason; footprint: Footprint } {
    const table = this.store.table(step.data.TableName);
    const key = this.keyOf(step);
    const before = table.get(key);
    const reason = this.reasonOf(() => this.apply(step, table, before, meter));
    const after = table.get(key);
    const bytes = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
    return { reason, footprint: { table, bytes } };
  }

  private apply(step: TransactionStep, table: Table, before: Item | undefined, meter: Meter): void {
    if (step.kind !== 'check') {
      this.writes.apply(step.kind, table, step.data, meter);
      return;
    }
    meter.writeItem(table, before, undefined);
    checkCondition(step.data, before);
  }

  private reasonOf(work: () => void): CancellationReason {
    try {
      work();
      return { Code: 'None' };
    } catch (error) {
      if (!isAnswer(error)) throw error;
      const { message, Item } = error.body as { message: string; Item?: Item };
      const Code = reasonCodes.get(errorName(error));
      if (!Code) throw error;
      return { Code, Message: message, ...(Item && { Item }) };
    }
  }

  private checkDistinct(steps: readonly TransactionStep[]): void {
    const places = steps.map((step) => `${step.data.TableName}\0${this.keyOf(step)}`);
    if (new Set(places).size < places.length) {
      throw validationError('Transaction request cannot include multiple operations on one item');
    }
  }

  private keyOf(step: TransactionStep): string {
    return itemKey(step.kind === 'check' ? 'delete' : step.kind, this.store.table(step.data.TableName), step.data);
  }
}

const reasonCodes = new Map([
  ['ConditionalCheckFailedException', 'ConditionalCheckFailed'],
  ['ValidationException', 'ValidationError'],
]);
