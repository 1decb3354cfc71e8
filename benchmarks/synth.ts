import { join } from 'node:path';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { interleave, median } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { timed } from './lib/timed';
import { versionsOf } from './lib/versions';

const ROUNDS = 9;

/** With this value the CDK leaves the bundling of all stacks out, and stages the sources instead. */
const NO_STACK = { 'aws:cdk:bundling-stacks': [] };

/** What bundling the handlers adds to the synthesis of the example. */
export const synth: Benchmark = (report) =>
  withScratch(async (folder) => {
    report(`${ROUNDS} syntheses with bundling and ${ROUNDS} without, in random order …`);
    let runs = 0;
    const samples = await interleave(['with', 'without'], ROUNDS, (kind) =>
      timed(() => synthesize('reports', join(folder, String(runs++)), kind === 'with' ? {} : NO_STACK)),
    );
    const [withBundling, without] = ['with', 'without'].map((kind) => median(samples.get(kind) ?? []));
    return {
      versions: versionsOf('aws-cdk-lib', 'esbuild', 'tsx'),
      figures: { bundle_ms: Math.round(withBundling - without), synth_ms: Math.round(withBundling) },
    };
  });
