import type { Clock, Timer } from '../../types';
import { schemas } from '../dynalite';
import type { ParsedRequest } from '../dynalite/shapes';
import { validationError } from './errors';
import type { Change } from './model';
import { parse, withFields } from './requests';
import type { Store } from './store';
import type { Table } from './table';
import { TimeToLive } from './ttl';

const updateSchema = withFields(schemas.describeTable, {
  TimeToLiveSpecification: {
    type: 'FieldStruct<TimeToLiveSpecification>',
    notNull: true,
    children: {
      Enabled: { type: 'Boolean', notNull: true },
      AttributeName: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 255 },
    },
  },
});

/** Executes UpdateTimeToLive and DescribeTimeToLive, and removes expired items. */
export class TimeToLiveApi {
  private timer: Timer | undefined;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly sweepMs: number,
    private readonly onChange: (table: Table) => void = () => undefined,
  ) {}

  public update(input: ParsedRequest): object {
    const { TableName, TimeToLiveSpecification } = parse(input, updateSchema);
    const { Enabled, AttributeName } = TimeToLiveSpecification;
    const table = this.store.table(TableName);
    if (Enabled === (table.timeToLive !== undefined)) {
      throw validationError(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
    }
    if (!Enabled && table.timeToLive?.attribute !== AttributeName) {
      throw validationError(
        `TimeToLive is active on a different AttributeName: current AttributeName is ${table.timeToLive?.attribute}`,
      );
    }
    table.timeToLive = Enabled ? new TimeToLive(AttributeName, table.all()) : undefined;
    this.onChange(table);
    this.arm();
    return { TimeToLiveSpecification };
  }

  public describe(input: ParsedRequest): object {
    const { TableName } = parse(input, schemas.describeTable);
    const { timeToLive } = this.store.table(TableName);
    return {
      TimeToLiveDescription: timeToLive
        ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute }
        : { TimeToLiveStatus: 'DISABLED' },
    };
  }

  public track(table: Table, changes: readonly Change[]): void {
    if (!table.timeToLive) return;
    for (const change of changes) table.timeToLive.track(change);
    this.arm();
  }

  public stop(): void {
    this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Removes all expired items. */
  public sweep(): void {
    const now = Math.floor(this.clock.now() / 1000);
    for (const table of this.store.all()) {
      for (const key of table.timeToLive?.expired(now) ?? []) {
        this.store.atomically(() => this.store.write(table, key, undefined), 'time-to-live');
      }
    }
  }

  /** Starts the timer. It runs only while there are items that can expire. */
  public arm(): void {
    if (this.timer !== undefined || this.store.all().every(({ timeToLive }) => timeToLive?.isEmpty ?? true)) return;
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      this.sweep();
      this.arm();
    }, this.sweepMs);
  }
}
