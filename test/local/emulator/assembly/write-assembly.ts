import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

export interface StackInput {
  readonly template: object;
  /** Environment of the stack, such as `aws://123456789012/eu-west-1`. */
  readonly environment?: string;
  readonly assets?: object;
}

/** Hand-written assemblies that contain only what a test needs. `removeAssemblies` removes them. */
const written: string[] = [];

export function writeAssembly(stacks: Record<string, StackInput>, files: Record<string, unknown> = {}): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'assembly-test-'));
  written.push(dir);
  const artifacts = Object.entries(stacks).flatMap(([name, { environment, assets }]) => [
    [
      name,
      {
        type: 'aws:cloudformation:stack',
        environment: environment ?? 'aws://unknown-account/unknown-region',
        properties: { templateFile: `${name}.template.json` },
      },
    ],
    ...(assets
      ? [[`${name}.assets`, { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } }]]
      : []),
  ]);
  write(dir, 'manifest.json', { artifacts: Object.fromEntries(artifacts) });
  for (const [name, { template, assets }] of Object.entries(stacks)) {
    write(dir, `${name}.template.json`, template);
    if (assets) write(dir, `${name}.assets.json`, assets);
  }
  for (const [name, content] of Object.entries(files)) write(dir, name, content);
  return dir;
}

export function removeAssemblies(): void {
  for (const dir of written.splice(0)) rmSync(dir, { recursive: true });
}

function write(dir: string, name: string, content: unknown): void {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  writeFileSync(path.join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
}
