import { allRecords, type Chunk, readFlights } from '../../../../examples/reports/report/dataset';
import { FIRST_DAY, LAST_DAY } from '../../../../examples/reports/report/range';

const YEAR = { startDate: FIRST_DAY, endDate: LAST_DAY };

async function chunksOf(reading: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of reading) chunks.push(chunk);
  return chunks;
}

describe('the data set', () => {
  test('the data set begins and ends on the days that the schema and the page name', () => {
    const days = allRecords.map(({ date }) => date.slice(0, 10)).sort();
    expect([days[0], days.at(-1)]).toEqual([FIRST_DAY, LAST_DAY].map((day) => day.replaceAll('-', '/')));
  });

  test('the whole data set is read, in chunks that report their progress', async () => {
    const chunks = await chunksOf(readFlights(YEAR, { chunkSize: 8000 }));
    expect(chunks.map(({ read, total }) => [read, total])).toEqual([
      [8000, 20_000],
      [16_000, 20_000],
      [20_000, 20_000],
    ]);
    expect(chunks.flatMap(({ flights }) => flights)).toHaveLength(20_000);
  });

  test('both ends of the range are included, and nothing beyond', async () => {
    const source = ['2001/01/09 23:59', '2001/01/10 00:00', '2001/01/11 23:59', '2001/01/12 00:00'].map((date) => ({
      ...{ date, delay: 1, distance: 2, origin: 'A', destination: 'B' },
    }));
    const [{ flights }] = await chunksOf(readFlights({ startDate: '2001-01-10', endDate: '2001-01-11' }, { source }));
    expect(flights.map(({ day }) => day)).toEqual(['2001-01-10', '2001-01-11']);
  });

  test('reading stops between two chunks when the signal aborts', async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const reading = async () => {
      for await (const { read } of readFlights(YEAR, { signal: abort.signal })) {
        seen.push(read);
        if (read === 2000) abort.abort(new Error('enough'));
      }
    };
    await expect(reading()).rejects.toThrow('enough');
    expect(seen).toEqual([1000, 2000]);
  });
});
