import WebSocket from 'ws';
import type { Benchmark } from '../lib/results';
import { withScratch } from '../lib/scratch';
import { median, significant } from '../lib/statistics';
import { synthesize } from '../lib/synthesize';
import { versionsOf } from '../lib/versions';
import { withClient, withRun } from '../lib/workload';

const ROWS = 20_000;
const ROUNDS = 9;

/** Measures the cost of one progress report per row, inside a handler of the local run. */
export const progressCall: Benchmark = () =>
  withScratch(async (folder) => {
    await synthesize('outsiders', folder);
    const { without, reported } = await withRun(folder, (run) =>
      withClient(run, WebSocket, async (client) => {
        // The first request starts the function, so it is not measured.
        await client.request('report_rows' as never, { rows: ROWS, rounds: 1 } as never);
        const times = await client.request('report_rows' as never, { rows: ROWS, rounds: ROUNDS } as never);
        return times as { readonly without: number[]; readonly reported: number[] };
      }),
    );
    return {
      versions: versionsOf('node'),
      figures: { progress_call_ratio: significant(median(reported) / median(without)) },
    };
  });
