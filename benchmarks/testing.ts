import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from '../src';
import type { createLocalStreamer } from '../testing';
import type { Benchmark } from './lib/results';
import { median, significant } from './lib/statistics';
import { timed } from './lib/timed';
import { ROOT, versionsOf } from './lib/versions';

const STARTS = 9;
const EMPTY = promisify(execFile);

/**
 * Measures how long a test waits for `createLocalStreamer`, compared with the start of an empty process. The stack is created before the measurement.
 */
export const testing: Benchmark = async (report) => {
  // Loads the published module once, as a test does.
  const module = require(join(ROOT, 'lib/testing/index.js')) as { createLocalStreamer: typeof createLocalStreamer };
  report(`${STARTS} starts, each next to one of an empty process …`);
  const samples: { start: number; empty: number }[] = [];
  for (let n = 0; n < STARTS; n++) samples.push(await sample(module.createLocalStreamer));
  const ratio = median(samples.map(({ start, empty }) => start / empty));
  return {
    versions: versionsOf('node', 'aws-cdk-lib'),
    figures: {
      testing_start_ms: Math.round(median(samples.map(({ start }) => start))),
      testing_start_ratio: significant(ratio),
    },
  };
};

async function sample(start: typeof createLocalStreamer): Promise<{ start: number; empty: number }> {
  const stack = smallStack();
  let close = async () => undefined as unknown;
  const startMs = await timed(async () => {
    const streamer = await start(stack);
    close = () => streamer.close();
  });
  await close();
  return { start: startMs, empty: await timed(() => EMPTY(process.execPath, ['-e', '0'])) };
}

/** Creates a stack with one action of each kind. */
function smallStack(): Stack {
  const stack = new Stack(new App(), 'Small');
  new StreamerApi(stack, 'Streamer', {
    projectRoot: join(ROOT, 'benchmarks/fixtures/workload'),
    auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['small'] }),
    handlers: { echo: StreamerHandler.sync('echo.ts'), work: StreamerHandler.async('work.ts') },
  });
  return stack;
}
