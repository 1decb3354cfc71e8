import { createHash } from 'node:crypto';
import { join } from 'node:path';
import WebSocket from 'ws';
import { StreamerClient, type WebSocketConstructor } from '../client-sdks/typescript/src';
import { type LocalRun, startLocalRun } from '../local/run';
import { randomNumbers, type TextSpec, textOf } from './fixtures/payloads/text';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { synthesize } from './lib/synthesize';
import { ROOT, versionsOf } from './lib/versions';

const SEED = 1;
const IN_FLIGHT = 4;
const MIB = 1024 * 1024;
/** Sizes at which the way of a payload changes: parts of items, tables, frames, messages, and the largest payload of this API. */
const BOUNDARIES = [1_024, 2_048, 8_192, 32_768, 122_880, 131_072];
/** Distances from a boundary. The JSON around a string takes up to 200 bytes, so the boundary of the whole message is within these distances, too. */
const DISTANCES = [-200, -150, -100, -70, -50, -40, -30, -20, -11, -10, -9, -3, -2, -1, 0, 1, 2, 3];
/** Largest input and result: 20 MiB, minus the JSON around the string. */
const LARGEST = 20 * MIB - 200;
const LARGE = [MIB, 5 * MIB, 20_000_000, LARGEST];
const RANDOM_SIZES = 100;

/** One request: a string that the client sends, or one that the handler returns. */
interface Case {
  readonly sent?: TextSpec;
  readonly returned?: TextSpec;
}

interface Tally {
  cases: number;
  different: number;
  failed: number;
  closes_1009: number;
}

/**
 * Sends and receives strings of 1 byte to 20 MiB, with characters of one to four bytes at every boundary, through the local run. Each string is compared
 * byte by byte.
 */
export const payloads: Benchmark = (report) =>
  withScratch(async (folder) => {
    await synthesize('payloads', folder);
    const lines: string[] = [];
    const run = await startLocalRun({
      assemblyDir: folder,
      port: 0,
      log: ({ message }) => lines.push(message),
      runtimeClient: join(ROOT, 'lib', 'local', 'runtime-client.js'),
    });
    const tally: Tally = { cases: 0, different: 0, failed: 0, closes_1009: 0 };
    const cases = allCases();
    try {
      await runAll(run, cases, tally, report);
    } finally {
      await run.close();
    }
    const refused = lines.filter((line) => /PayloadTooLarge/.test(line)).length;
    const bytes = cases.flatMap(({ sent, returned }) => [sent?.bytes ?? 0, returned?.bytes ?? 0]);
    return {
      versions: versionsOf('node', 'ws'),
      figures: { ...tally, posts_413: refused, max_bytes: Math.max(...bytes), seed: SEED },
    };
  });

function allCases(): Case[] {
  const random = randomNumbers(SEED);
  const near = BOUNDARIES.flatMap((boundary) => DISTANCES.map((distance) => boundary + distance));
  const small = [...near, 1, 2, 3, 4, ...Array.from({ length: RANDOM_SIZES }, () => Math.floor(MIB ** random()))];
  const sizes = small.flatMap((bytes) => [1, 2, 3, 4].map((charBytes) => ({ bytes, charBytes })));
  const large = LARGE.map((bytes, index) => ({ bytes, charBytes: 1 + (index % 4) }));
  return [...sizes, ...large].flatMap(({ bytes, charBytes }, index): Case[] => {
    const spec = { seed: SEED + index, bytes, charBytes };
    return [{ sent: spec }, { returned: spec }];
  });
}

async function runAll(
  { url, issuer }: LocalRun,
  cases: readonly Case[],
  tally: Tally,
  report: (line: string) => void,
): Promise<void> {
  if (!url || !issuer) throw new Error('the application has no WebSocket API with tokens');
  const client = new StreamerClient(url, {
    token: () => issuer.issueToken({ sub: 'benchmark', tenant: 'benchmark' }),
    webSocket: countingCloses(tally),
  });
  const queue = [...cases];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (tally.cases % 200 === 0) report(`${tally.cases} of ${cases.length} …`);
      tally.cases += 1;
      await runCase(client, next, tally).catch((error: Error) => {
        tally.failed += 1;
        report(`${JSON.stringify(next)}: ${error.message.slice(0, 200)}`);
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  } finally {
    client.close();
  }
}

async function runCase(client: StreamerClient, { sent, returned }: Case, tally: Tally): Promise<void> {
  const text = sent ? textOf(sent) : '';
  const answer = await client.request('mirror', { text, ...(returned && { create: returned }) });
  const { sha256, text: got } = answer as { sha256: string; text?: string };
  const same = sha256 === createHash('sha256').update(text).digest('hex');
  if (!same || got !== (returned && textOf(returned))) tally.different += 1;
}

/** Returns a WebSocket class that counts the closes with code 1009. */
function countingCloses(tally: Tally): WebSocketConstructor {
  return class extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      this.on('close', (code) => {
        if (code === 1009) tally.closes_1009 += 1;
      });
    }
  } as unknown as WebSocketConstructor;
}
