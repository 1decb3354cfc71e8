import { join } from 'node:path';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { interleave, median, ratios, significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { timed } from './lib/timed';
import { versionsOf } from './lib/versions';

const ROUNDS = 9;

/** Context value with which the CDK does not bundle any stack. It then copies the sources instead. */
const NO_STACK = { 'aws:cdk:bundling-stacks': [] };

/** The apps. Each round measures each app with and without bundling, so that other load of the machine affects both measurements. */
const APPS = [
  { app: 'everyKind', context: {} },
  { app: 'everyKind', context: { libraries: true } },
  { app: 'reports', context: {} },
] as const;
const SUBJECTS = APPS.flatMap(({ app, context }) => [
  { app, context },
  { app, context: { ...context, ...NO_STACK } },
]);

/** Measures how much the bundling of handlers adds to a synthesis, for an app with every kind of function and for the example. */
export const synth: Benchmark = (report) =>
  withScratch(async (folder) => {
    report(`${ROUNDS} syntheses of ${APPS.length} apps, each with bundling and without, in random order …`);
    let runs = 0;
    const samples = await interleave(SUBJECTS, ROUNDS, ({ app, context }) =>
      timed(() => synthesize(app, join(folder, String(runs++)), context)),
    );
    const [everyKind, baseline, libraries, noLibraries, demo, noDemo] = SUBJECTS.map((each) => samples.get(each) ?? []);
    return {
      versions: versionsOf('aws-cdk-lib', 'esbuild', 'tsx', 'zod', 'valibot', '@aws-sdk/client-s3'),
      figures: {
        overhead_ratio: significant(median(ratios(everyKind, baseline))),
        libraries_overhead_ratio: significant(median(ratios(libraries, noLibraries))),
        baseline_ms: Math.round(median(baseline)),
        bundle_ms: Math.round(median(demo) - median(noDemo)),
        synth_ms: Math.round(median(demo)),
      },
    };
  });
