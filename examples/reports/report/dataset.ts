// The package's export map hides its data files, so the import uses a path. esbuild inlines the file into the bundle.
import records from '../../../node_modules/vega-datasets/data/flights-20k.json';
import { pause, type Stoppable } from './pause';

/** One row of the file: `date` is local time, `YYYY/MM/DD hh:mm`; `delay` is in minutes (negative: early); `distance` is in miles. */
export interface FlightRecord {
  date: string;
  delay: number;
  distance: number;
  origin: string;
  destination: string;
}

export interface Flight {
  /** `YYYY-MM-DD` */
  day: string;
  /** Minutes late; negative means early. */
  delay: number;
  /** Miles. */
  distance: number;
  /** IATA codes. */
  origin: string;
  destination: string;
}

/** Both days included, `YYYY-MM-DD`. */
export interface DayRange {
  startDate: string;
  endDate: string;
}

export interface Chunk {
  flights: Flight[];
  /** Number of rows read so far, including those outside the range. */
  read: number;
  total: number;
}

export const DATASET = {
  title: 'US domestic flights, January to March 2001',
  source:
    'U.S. Bureau of Transportation Statistics, on-time performance data, as flights-20k.json of the npm package vega-datasets',
  note: 'A sample of 20,000 flights.',
};

/** The unchanged rows of the data set. */
export const allRecords: readonly FlightRecord[] = records;

/** Reads the rows in order, one chunk at a time, and pauses between chunks so that the process stays responsive. */
export async function* readFlights(
  range: DayRange,
  options: Stoppable & { chunkSize?: number; source?: readonly FlightRecord[] } = {},
): AsyncGenerator<Chunk> {
  const source = options.source ?? allRecords;
  const size = options.chunkSize ?? 1000;
  for (let start = 0; start < source.length; start += size) {
    const rows = source.slice(start, start + size);
    const flights = rows.map(toFlight).filter((flight) => inRange(flight.day, range));
    yield { flights, read: start + rows.length, total: source.length };
    await pause(options);
  }
}

export function toFlight(record: FlightRecord): Flight {
  const { delay, distance, origin, destination } = record;
  return { day: record.date.slice(0, 10).replaceAll('/', '-'), delay, distance, origin, destination };
}

function inRange(day: string, range: DayRange): boolean {
  return day >= range.startDate && day <= range.endDate;
}
