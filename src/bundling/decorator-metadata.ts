import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import type { BundleOutput } from './esbuild/output';
import { packageOf } from './packages/names';

/**
 * Warns if a module has decorators and its tsconfig enables decorator metadata, which esbuild does not emit.
 *
 * The tsconfig is not parsed: the function searches its source for the option. The search ignores comments and follows `extends`.
 */
export function warnOfDecoratorMetadata(
  scope: Construct,
  projectRoot: string,
  { tsconfig }: StreamerBundlingOptions,
  { modules }: Pick<BundleOutput, 'modules'>,
): void {
  const named = tsconfig && path.resolve(projectRoot, tsconfig);
  for (const file of modules) {
    if (!/\.[cm]?tsx?$/.test(file) || packageOf(file) || !hasDecorators(file)) continue;
    const config = named ?? findUp('tsconfig.json', path.dirname(file));
    if (!config || !emitsMetadata(config)) continue;
    Annotations.of(scope).addWarningV2(
      'cdk-streamer:decoratorMetadata',
      `${path.relative(projectRoot, file)} has decorators, and ${path.relative(projectRoot, config)} sets \`emitDecoratorMetadata\`, which esbuild ignores: code that reads the metadata fails at run time. Let TypeScript compile the modules: \`bundling: { preCompilation: true }\``,
    );
    return;
  }
}

function hasDecorators(file: string): boolean {
  const source = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  return /^\s*@\w[\w.]*\s*[(\n]|\s@\w[\w.]*\([^\n]*\)\s+[\w{]/m.test(source.replace(/\/\*[\s\S]*?\*\//g, ''));
}

const memo = new Map<string, boolean>();

function emitsMetadata(config: string): boolean {
  const key = `${config} ${fs.statSync(config, { throwIfNoEntry: false })?.mtimeMs}`;
  const known = memo.get(key);
  if (known !== undefined) return known;
  memo.set(key, false);
  const found = readsMetadata(config);
  memo.set(key, found);
  return found;
}

function readsMetadata(config: string): boolean {
  if (!fs.existsSync(config)) return false;
  const text = fs.readFileSync(config, 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const [, own] = /"emitDecoratorMetadata"\s*:\s*(true|false)/.exec(text) ?? [];
  if (own !== undefined) return own === 'true';
  const [, extended] = /"extends"\s*:\s*"([^"]+)"/.exec(text) ?? [];
  if (extended === undefined) return false;
  const base = /^[./]/.test(extended) ? path.resolve(path.dirname(config), extended) : resolveFrom(config, extended);
  return base !== undefined && emitsMetadata(/\.json$/.test(base) ? base : `${base}.json`);
}

function resolveFrom(config: string, name: string): string | undefined {
  for (const each of [name, `${name}/tsconfig.json`, `${name}.json`]) {
    try {
      return require.resolve(each, { paths: [path.dirname(config)] });
    } catch {}
  }
  return undefined;
}

function findUp(name: string, folder: string): string | undefined {
  const file = path.join(folder, name);
  if (fs.existsSync(file)) return file;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : findUp(name, parent);
}
