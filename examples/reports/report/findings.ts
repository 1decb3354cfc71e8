import type { Report } from './report';
import type { Statistics } from './statistics';
import { minutes, number, percent } from './theme';

/** Minimum number of flights for a finding. A mean of fewer flights is not meaningful. */
export const FEW_FLIGHTS = 30;

/** Returns sentences about the highest and lowest values. Each uses numbers of the same report. */
export function findings({ summary }: Report): string[] {
  const periods = named(summary.periods.map(({ label, stats }) => ({ name: label, stats })));
  const groups = named(summary.groups);
  const { total } = summary;
  const sentences = [
    `${percent(1 - total.onTime)} of ${number(total.flights)} flights were 15 minutes late or more; the longest delay was ${number(total.maxDelay)} minutes.`,
  ];
  if (periods.length > 1) {
    const busiest = extreme(periods, (stats) => stats.flights);
    const worst = extreme(periods, (stats) => -stats.onTime);
    sentences.push(`Busiest: ${busiest.name} with ${number(busiest.stats.flights)} flights.`);
    sentences.push(`Least punctual: ${worst.name}, when ${percent(worst.stats.onTime)} were on time.`);
  }
  if (groups.length > 1) {
    const best = extreme(groups, (stats) => stats.onTime);
    const worst = extreme(groups, (stats) => -stats.onTime);
    sentences.push(
      `Most punctual group: ${best.name} (${percent(best.stats.onTime)} of ${number(best.stats.flights)} on time).`,
    );
    sentences.push(
      `Least punctual group: ${worst.name} (${percent(worst.stats.onTime)} of ${number(worst.stats.flights)} on time, mean delay ${minutes(worst.stats.meanDelay)}).`,
    );
    sentences.push(`Groups and periods with fewer than ${FEW_FLIGHTS} flights are not compared here.`);
  }
  return sentences;
}

interface Named {
  name: string;
  stats: Statistics;
}

function named(rows: { name: string; stats: Statistics | undefined }[]): Named[] {
  return rows.flatMap(({ name, stats }) => (stats && stats.flights >= FEW_FLIGHTS ? [{ name, stats }] : []));
}

function extreme(rows: Named[], score: (stats: Statistics) => number): Named {
  return rows.reduce((best, row) => (score(row.stats) > score(best.stats) ? row : best));
}
