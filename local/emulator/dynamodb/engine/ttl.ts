import type { Clock, Timer } from '../../types';
import { schemas } from '../dynalite';
import type { ParsedRequest } from '../dynalite/shapes';
import { validationError } from './errors';
import type { Change, Item } from './model';
import { OrderedMap } from './ordered-map';
import { parse, withFields } from './requests';
import type { Store } from './store';
import type { Table } from './table';

/** Items that expired longer ago than this are left alone (developer guide, "Using time to live"). */
const TOO_OLD_SECONDS = 5 * 365 * 24 * 60 * 60;

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

/** The items of one table in the order of their expiry. */
export class TimeToLive {
  private readonly byExpiry = new OrderedMap<string>();

  constructor(
    public readonly attribute: string,
    items: OrderedMap<Item>,
  ) {
    for (const [key, after] of items.entries()) this.track({ key, after });
  }

  public get isEmpty(): boolean {
    return this.byExpiry.size === 0;
  }

  public track({ key, before, after }: Omit<Change, 'tableName'>): void {
    const old = this.expiry(before);
    const now = this.expiry(after);
    if (old === now) return;
    if (old !== undefined) this.byExpiry.delete(place(old, key));
    if (now !== undefined) this.byExpiry.set(place(now, key), key);
  }

  /** The keys of the items whose time has come. */
  public expired(nowSeconds: number): string[] {
    const range = { gt: place(Math.max(0, nowSeconds - TOO_OLD_SECONDS), ''), lt: place(nowSeconds + 1, '') };
    return [...this.byExpiry.entries(range)].map(([, key]) => key);
  }

  /** Epoch seconds, or undefined where the attribute is missing or not a number of that kind. */
  private expiry(item: Item | undefined): number | undefined {
    const seconds = Math.floor(Number(item?.[this.attribute]?.N ?? Number.NaN));
    return seconds >= 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
  }
}

/** 16 digits hold every safe integer, so that text sorts as numbers do. */
function place(seconds: number, key: string): string {
  return `${String(seconds).padStart(16, '0')}/${key}`;
}

/** UpdateTimeToLive, DescribeTimeToLive, and the removal of what expired. */
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

  /** Removes what has expired, now. */
  public sweep(): void {
    const now = Math.floor(this.clock.now() / 1000);
    for (const table of this.store.all()) {
      for (const key of table.timeToLive?.expired(now) ?? []) {
        this.store.atomically(() => this.store.write(table, key, undefined), 'time-to-live');
      }
    }
  }

  /** The timer runs only while some item can expire. */
  public arm(): void {
    if (this.timer !== undefined || this.store.all().every(({ timeToLive }) => timeToLive?.isEmpty ?? true)) return;
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      this.sweep();
      this.arm();
    }, this.sweepMs);
  }
}
