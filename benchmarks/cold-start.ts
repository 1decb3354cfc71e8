import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FunctionCode, functionNamed, functionsOf } from './lib/assembly';
import { initCpuMs } from './lib/function-process';
import type { Benchmark, Result } from './lib/results';
import { withScratch } from './lib/scratch';
import { interleave, median, ratios, significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';

const ROUNDS = 31;

const EMPTY = 'exports.handler = async () => undefined;\n';
/** Code that every function must load, because it signs requests and uses TLS. */
const FLOOR = `require('node:https');\nrequire('node:crypto');\n${EMPTY}`;

/**
 * Measures the sizes of the functions' bundles, and the start of a cold process of each function. The starts are compared with that of an empty
 * handler.
 */
export const coldStart: Benchmark = (report) =>
  withScratch(async (folder) => {
    report('synthesizing two applications …');
    const subjects = await subjectsIn(folder);
    report(`${ROUNDS} cold starts of each of ${subjects.size} functions, in random order …`);
    const samples = await interleave([...subjects.keys()], ROUNDS, (name) =>
      initCpuMs(subjects.get(name) as FunctionCode),
    );
    return resultOf(subjects, samples);
  });

/** Returns the functions to measure. The keys are the first parts of their figures' names. */
async function subjectsIn(folder: string): Promise<Map<string, FunctionCode>> {
  await synthesize('emptyHandler', join(folder, 'empty-handler'));
  await synthesize('reports', join(folder, 'reports'));
  const emptyHandler = functionsOf(join(folder, 'empty-handler'));
  const demo = functionsOf(join(folder, 'reports'));
  const router = functionNamed('Router', emptyHandler);
  return new Map([
    ['empty', withCode(router, join(folder, 'empty'), EMPTY)],
    ['floor', withCode(router, join(folder, 'floor'), FLOOR)],
    ['router', router],
    ['authorizer', functionNamed('Authorizer', emptyHandler)],
    ['processor', functionNamed('Processors/nothing', emptyHandler)],
    ['demo_router', functionNamed('Router', demo)],
    ['demo_processor', functionNamed('Processors/generate_report', demo)],
  ]);
}

/** Returns the same function with the same variables, but with other code. */
function withCode({ spec }: FunctionCode, codeDir: string, code: string): FunctionCode {
  mkdirSync(codeDir);
  writeFileSync(join(codeDir, 'index.js'), code);
  return { name: codeDir, spec: { ...spec, codeDir }, kilobytes: code.length / 1000 };
}

function resultOf(
  subjects: ReadonlyMap<string, FunctionCode>,
  samples: ReadonlyMap<string, readonly number[]>,
): Result {
  const cpuMs = (name: string) => samples.get(name) ?? [];
  const measured = [...subjects].filter(([name]) => name !== 'empty');
  const cpuRatios = measured.map(([name]) => [
    `${name}_cpu_ratio`,
    significant(median(ratios(cpuMs(name), cpuMs('empty')))),
  ]);
  const sizes = measured
    .filter(([name]) => name !== 'floor')
    .map(([name, { kilobytes }]) => [`${name}_kb_min`, significant(kilobytes, 4)]);
  return {
    versions: versionsOf(
      'node',
      'esbuild',
      '@aws-sdk/client-dynamodb',
      '@smithy/signature-v4',
      '@aws-sdk/client-sqs',
      '@aws-lambda-powertools/logger',
      '@aws-lambda-powertools/metrics',
      'aws-jwt-verify',
      'valibot',
    ),
    figures: {
      ...Object.fromEntries(sizes),
      ...Object.fromEntries(cpuRatios),
      empty_cpu_ms: significant(median(cpuMs('empty'))),
    },
  };
}
