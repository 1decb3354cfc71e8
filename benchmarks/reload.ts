import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import WebSocket from 'ws';
import type { StreamerClient } from '../client-sdks/typescript/src';
import { SourceMaps, startReloading } from '../local/dev';
import type { LocalRun } from '../local/run';
import { DEV_CONTEXT } from '../src/contract';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { interleave, median, significant } from './lib/statistics';
import { synthesizeFile } from './lib/synthesize';
import { timed } from './lib/timed';
import { LAMBDA_NODE, ROOT, versionsOf } from './lib/versions';
import { type Actions, withClient, withRun } from './lib/workload';

const ROUNDS = 25;

/**
 * Measures the time until a saved handler answers. It is compared with the work that no tool can avoid: bundling the handler and starting a process.
 */
export const reload: Benchmark = (report) =>
  withScratch(async (folder) => {
    const project = copyOfWorkload(join(folder, 'project'));
    await synthesizeFile(join(project, 'app.ts'), join(folder, 'assembly'), { [DEV_CONTEXT]: true });
    report(`${ROUNDS} saves of a handler, and ${ROUNDS} bare rebuilds with a process’s start, in random order …`);
    const samples = await withRun(join(folder, 'assembly'), (run) =>
      withReloading(run, project, folder, () =>
        withBareRebuild(run, project, copyOfWorkload(join(folder, 'bare')), (bare) =>
          withClient(run, WebSocket, (client) =>
            interleave(['saved', 'bare'], ROUNDS, saves({ saved: (n) => untilAnswered(client, project, n), bare })),
          ),
        ),
      ),
    );
    const [saved, bare] = ['saved', 'bare'].map((kind) => median(samples.get(kind) ?? []));
    return {
      versions: versionsOf('node', 'esbuild'),
      figures: { reload_ms: Math.round(saved), reload_ratio: significant(saved / bare) },
    };
  });

/** Creates a writable copy of the workload's handlers. They use the packages that are installed in this repository. */
function copyOfWorkload(folder: string): string {
  cpSync(join(ROOT, 'benchmarks', 'fixtures', 'workload'), folder, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

async function withReloading<T>(run: LocalRun, cwd: string, folder: string, work: () => Promise<T>): Promise<T> {
  const reloading = startReloading({
    run,
    maps: new SourceMaps(),
    cwd,
    folder: join(folder, 'code'),
    log: () => undefined,
  });
  try {
    await reloading.ready;
    return await work();
  } finally {
    await reloading.close();
  }
}

/**
 * Measures the work that no tool can avoid: saves the handler, bundles it with the bundler of the run, and starts an empty process with the run's
 * Node.js.
 */
async function withBareRebuild<T>(
  { functions }: LocalRun,
  project: string,
  copy: string,
  work: (sample: (version: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const router = functions.find(({ name }) => name === 'Router');
  const { build } = router?.metadata('cdk-streamer:bundle') as { build: object };
  const options = JSON.parse(JSON.stringify(build).replaceAll(project, copy)) as esbuild.BuildOptions;
  const context = await esbuild.context({ ...options, write: false });
  await context.rebuild();
  return work(async (version) => {
    save(copy, version);
    await context.rebuild();
    await once(spawn(LAMBDA_NODE, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  });
}

/** Numbers the saves, so that each save writes different code. */
function saves(samples: Record<string, (version: number) => Promise<void>>): (kind: string) => Promise<number> {
  let version = 0;
  return (kind) => {
    version += 1;
    return timed(() => samples[kind](version));
  };
}

async function untilAnswered(client: StreamerClient<Actions>, project: string, version: number): Promise<void> {
  save(project, version);
  for (;;) {
    const answer = (await client.request('echo', {})) as { version?: number };
    if (answer.version === version) return;
  }
}

function save(project: string, version: number): void {
  const text = `import { defineHandler } from 'cdk-streamer/handler';\nexport default defineHandler({ run: () => ({ version: ${version} }) });\n`;
  writeFileSync(join(project, 'echo.ts'), text);
}
