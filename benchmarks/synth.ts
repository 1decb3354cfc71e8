import { join } from 'node:path';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { interleave, median, significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { timed } from './lib/timed';
import { versionsOf } from './lib/versions';

const ROUNDS = 9;

/** With this value the CDK leaves the bundling of all stacks out, and stages the sources instead. */
const NO_STACK = { 'aws:cdk:bundling-stacks': [] };

/** Each app has its baseline in the same rounds: what else the machine does falls on both. */
const SUBJECTS = [
  { app: 'maximal', bundling: true },
  { app: 'maximal', bundling: false },
  { app: 'reports', bundling: true },
  { app: 'reports', bundling: false },
] as const;

/** What bundling the handlers adds to the synthesis of an app with every kind of function, and of the example. */
export const synth: Benchmark = (report) =>
  withScratch(async (folder) => {
    report(`${ROUNDS} syntheses of two apps, each with bundling and without, in random order …`);
    let runs = 0;
    const samples = await interleave(SUBJECTS, ROUNDS, ({ app, bundling }) =>
      timed(() => synthesize(app, join(folder, String(runs++)), bundling ? {} : NO_STACK)),
    );
    const [maximal, maximalWithout, demo, demoWithout] = SUBJECTS.map((subject) => median(samples.get(subject) ?? []));
    return {
      versions: versionsOf('aws-cdk-lib', 'esbuild', 'tsx', 'zod', 'valibot', '@aws-sdk/client-s3'),
      figures: {
        overhead_ratio: significant(maximal / maximalWithout),
        overhead_ms: Math.round(maximal - maximalWithout),
        baseline_ms: Math.round(maximalWithout),
        bundle_ms: Math.round(demo - demoWithout),
        synth_ms: Math.round(demo),
      },
    };
  });
