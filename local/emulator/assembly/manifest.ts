import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { AssemblyError } from './errors';
import type { AssetIndex, StackSource, Template } from './types';

/** Metadata by construct path. The entry `aws:cdk:logicalId` contains the logical id of a construct's resource. */
type Metadata = Readonly<Record<string, readonly { readonly type: string; readonly data?: unknown }[]>>;

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly directoryName?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source?: { readonly path?: string };
        readonly destinations?: Readonly<Record<string, { readonly objectKey?: string }>>;
      }
    >
  >;
}

/**
 * Reads the stacks in the manifest of a cloud assembly, including those of nested assemblies (stages).
 *
 * @param dir folder with `manifest.json`, absolute or relative to the working directory
 * @throws AssemblyError if there is no assembly, or if one of its files cannot be read
 */
export function readStacks(dir: string): StackSource[] {
  const root = path.resolve(dir);
  if (!existsSync(path.join(root, 'manifest.json'))) {
    throw new AssemblyError(`no cloud assembly in ${root}: run "cdk synth" first, or name the app with --app`);
  }
  const stacks = readAssembly(root);
  if (stacks.length === 0) {
    throw new AssemblyError(`the cloud assembly in ${root} has no stacks`);
  }
  return stacks;
}

function readAssembly(dir: string): StackSource[] {
  const manifest = readJson<{ artifacts?: Record<string, Artifact> }>(path.join(dir, 'manifest.json'));
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const assets = indexAssets(dir, artifacts);
  return artifacts.flatMap(([id, artifact]) => {
    if (artifact.type === 'cdk:cloud-assembly') {
      return readAssembly(path.join(dir, artifact.properties?.directoryName ?? id));
    }
    return artifact.type === 'aws:cloudformation:stack' ? [readStack(dir, id, artifact, assets)] : [];
  });
}

function readStack(dir: string, id: string, artifact: Artifact, assets: AssetIndex): StackSource {
  const [accountId = '', region = ''] = (artifact.environment ?? '').replace(/^aws:\/\//, '').split('/');
  return {
    name: artifact.properties?.stackName ?? id,
    accountId: /^\d{12}$/.test(accountId) ? accountId : '000000000000',
    region: region === '' || region === 'unknown-region' ? 'us-east-1' : region,
    template: readTemplate(path.join(dir, artifact.properties?.templateFile ?? `${id}.template.json`)),
    assets,
    paths: constructPaths(dir, artifact),
  };
}

/**
 * Returns construct paths by logical id. The paths have no leading slash. A last segment that the CDK created for the
 * resource itself is removed.
 */
function constructPaths(dir: string, artifact: Artifact): ReadonlyMap<string, string> {
  const file = artifact.additionalMetadataFile;
  const metadata = { ...artifact.metadata, ...(file === undefined ? {} : readJson<Metadata>(path.join(dir, file))) };
  return new Map(
    Object.entries(metadata).flatMap(([constructPath, entries]) =>
      entries
        .filter(({ type }) => type === 'aws:cdk:logicalId')
        .map(
          ({ data }) => [String(data), constructPath.replace(/^\//, '').replace(/\/(Resource|Default)$/, '')] as const,
        ),
    ),
  );
}

/** Reads a template from a file, for example that of a nested stack. */
export function readTemplate(file: string): Template {
  return readJson<Template>(file);
}

function indexAssets(dir: string, artifacts: [string, Artifact][]): AssetIndex {
  const paths = new Map<string, string>();
  for (const [id, artifact] of artifacts) {
    if (artifact.type === 'cdk:asset-manifest') {
      addAssets(paths, dir, readJson(path.join(dir, artifact.properties?.file ?? `${id}.json`)));
    }
  }
  return { find: (objectKey) => paths.get(objectKey) };
}

function addAssets(paths: Map<string, string>, dir: string, manifest: AssetManifest): void {
  for (const { source, destinations } of Object.values(manifest.files ?? {})) {
    for (const { objectKey } of Object.values(destinations ?? {})) {
      if (objectKey !== undefined && source?.path !== undefined) {
        paths.set(objectKey, path.resolve(dir, source.path));
      }
    }
  }
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    throw new AssemblyError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
