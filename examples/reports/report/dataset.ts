// The import uses a path, because the package's export map hides its data files. esbuild includes the file in the
// bundle.
import records from '../../../node_modules/vega-datasets/data/flights-20k.json';
import { pause, type Stoppable } from './pause';

/**
 * One row of the file. `date` is the local time `YYYY/MM/DD hh:mm`. `delay` is in minutes; a negative number means
 * early. `distance` is in miles.
 */
export interface FlightRecord {
  date: string;
  delay: number;
  distance: number;
  origin: string;
  destination: string;
}

export interface Flight {
  /** Day of the flight, `YYYY-MM-DD`. */
  day: string;
  /** Delay in minutes; a negative number means early. */
  delay: number;
  /** Distance in miles. */
  distance: number;
  /** Airports of departure and arrival as IATA codes. */
  origin: string;
  destination: string;
}

/** First and last day, `YYYY-MM-DD`. Both are included. */
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

/** Reads the rows in order. It pauses after each chunk, so that the process can handle other events. */
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
