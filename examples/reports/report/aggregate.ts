import { periodLabel, periodStart, periodsIn, WEEKDAYS, weekday } from './calendar';
import type { DayRange, Flight } from './dataset';
import type { Group, Period } from './range';
import { type Statistics, Tally } from './statistics';

export interface PeriodRow {
  /** First day of the period, `YYYY-MM-DD`. It may be before the range if the range begins within a week or month. */
  start: string;
  label: string;
  /** Statistics of the period; `undefined` if it has no flight. */
  stats: Statistics | undefined;
}

export interface GroupRow {
  name: string;
  stats: Statistics;
  /** Statistics for each entry of `Summary.periods`, in the same order. */
  periods: (Statistics | undefined)[];
}

/** One bar of the histogram: `from ≤ delay < to`, in minutes. The first and the last bar have no outer limit. */
export interface Bin {
  from: number;
  to: number;
  flights: number;
}

export interface Summary {
  total: Statistics | undefined;
  periods: PeriodRow[];
  /**
   * Groups in order: distances and weekdays in their natural order, airports by number of flights with the largest
   * first.
   */
  groups: GroupRow[];
  delays: Bin[];
}

export interface Question extends DayRange {
  period: Period;
  group: Group;
}

const BANDS = [
  { below: 500, name: 'under 500 mi' },
  { below: 1000, name: '500 to 999 mi' },
  { below: 1500, name: '1000 to 1499 mi' },
  { below: Number.POSITIVE_INFINITY, name: '1500 mi and more' },
];

/** Bounds of the bars: 10 minutes each from -30 to 120, and one bar without an outer limit at each end. */
const BIN_EDGES = [
  Number.NEGATIVE_INFINITY,
  ...Array.from({ length: 16 }, (_, i) => -30 + i * 10),
  Number.POSITIVE_INFINITY,
];

/** Collects flights in any order and in any number of calls; `summary()` can be called at any time. */
export class Aggregator {
  private readonly total = new Tally();
  private readonly periods: Map<string, Tally>;
  private readonly groups = new Map<string, { all: Tally; byPeriod: Map<string, Tally> }>();
  private readonly bins = BIN_EDGES.slice(1).map((to, i): Bin => ({ from: BIN_EDGES[i], to, flights: 0 }));

  constructor(private readonly question: Question) {
    const { startDate, endDate, period } = question;
    this.periods = new Map(periodsIn(startDate, endDate, period).map((start) => [start, new Tally()]));
  }

  add(flight: Flight): void {
    const start = periodStart(flight.day, this.question.period);
    const group = this.group(groupName(flight, this.question.group));
    this.total.add(flight);
    tallyIn(this.periods, start).add(flight);
    group.all.add(flight);
    tallyIn(group.byPeriod, start).add(flight);
    const bin = this.bins.find((candidate) => flight.delay < candidate.to);
    if (bin) bin.flights++;
  }

  summary(): Summary {
    const starts = [...this.periods.keys()].sort();
    return {
      total: this.total.statistics(),
      periods: starts.map((start) => this.periodRow(start)),
      groups: [...this.groups].flatMap(([name]) => this.groupRow(name, starts)).sort(inOrderOf(this.question.group)),
      delays: this.bins.map((bin) => ({ ...bin })),
    };
  }

  private group(name: string) {
    const group = this.groups.get(name) ?? { all: new Tally(), byPeriod: new Map<string, Tally>() };
    this.groups.set(name, group);
    return group;
  }

  private periodRow(start: string): PeriodRow {
    return { start, label: periodLabel(start, this.question.period), stats: this.periods.get(start)?.statistics() };
  }

  private groupRow(name: string, starts: string[]): GroupRow[] {
    const group = this.groups.get(name);
    const stats = group?.all.statistics();
    return group && stats
      ? [{ name, stats, periods: starts.map((start) => group.byPeriod.get(start)?.statistics()) }]
      : [];
  }
}

/** Returns the name of a flight's group. */
export function groupName(flight: Flight, group: Group): string {
  if (group === 'origin' || group === 'destination') return flight[group];
  if (group === 'weekday') return WEEKDAYS[weekday(flight.day)];
  return BANDS.find((band) => flight.distance < band.below)?.name ?? '';
}

function tallyIn(tallies: Map<string, Tally>, key: string): Tally {
  const tally = tallies.get(key) ?? new Tally();
  tallies.set(key, tally);
  return tally;
}

function inOrderOf(group: Group): (a: GroupRow, b: GroupRow) => number {
  const fixed = group === 'weekday' ? WEEKDAYS : BANDS.map((band) => band.name);
  if (group === 'weekday' || group === 'distance') return (a, b) => fixed.indexOf(a.name) - fixed.indexOf(b.name);
  return (a, b) => b.stats.flights - a.stats.flights || (a.name < b.name ? -1 : 1);
}
