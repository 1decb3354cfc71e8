import * as path from 'node:path';
import { Annotations, AssetHashType, type CfnResource, DockerImage, Stack } from 'aws-cdk-lib';
import { AssetCode, type Code, type ResourceBindOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DEV_CONTEXT, METADATA, type MetadataValues } from '../contract';
import { assetsOf, type Bundle, runtimeFilesOf, settingsOf, withRelativePaths } from './bundle';
import { BundleFolder } from './bundle-folder';
import { warnOfDecoratorMetadata } from './decorator-metadata';
import { type Entry, relativeTo } from './entry';
import { esbuildOptions, optionsOf } from './esbuild/options';
import type { BundleOutput } from './esbuild/output';
import { type BuildResult, buildTogether } from './esbuild/run';
import { findUnbundled, refuseUnbundled } from './packages/checks';
import { hostPlatform, type Platform } from './packages/node-modules';
import {
  checkSchemas,
  type NamedModule,
  refuseAwaitInSchemas,
  refuseWhatIsNoHandler,
  refuseWithoutDefault,
  type SchemaModule,
  schemasEntry,
} from './user-modules';

/** Modules of the user that bundles contain. */
export interface Modules {
  readonly handlers: readonly NamedModule[];
  readonly schemas: readonly SchemaModule[];
}

/** Name of the submitter's bundle, which contains the schemas of all async actions. */
export const SUBMITTER = 'submitter';

/**
 * The bundles of an API. All of them are built when the first one is needed. Bundles with the same options are built in one run of esbuild, which
 * parses their modules once.
 *
 * If the CDK skips bundling, nothing is built and no module is read.
 */
export class Bundles {
  private built: ReadonlyMap<string, BundleFolder> | undefined;

  /** @param modules the users' modules in the bundles, which are checked before the build */
  public constructor(
    private readonly scope: Construct,
    private readonly projectRoot: string,
    private readonly bundles: readonly Bundle[],
    private readonly modules: Modules,
  ) {}

  /**
   * Returns the code of one bundle. The asset's hash is computed from the built files. These files are the same in each checkout of the same sources.
   */
  public code(name: string): Code {
    const bundle = this.bundles.find((each) => each.name === name) as Bundle;
    // The build runs here, not when the CDK calls `tryBundle`. Otherwise, the CDK would print its own message before Streamer's message.
    if (Stack.of(this.scope).bundlingRequired) this.built ??= this.build();
    return new BundledCode(this.projectRoot, bundle, {
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        image: DockerImage.fromRegistry('unused: bundling is local'),
        // The CDK's cache key of an asset is JSON.stringify(bundling), which leaves out functions. So `command` must contain data that distinguishes
        // bundles.
        command: this.identityOf(bundle),
        // `tryBundle` must be a closure. If `local` were an object with fields, the cache key would contain the project's absolute path.
        local: { tryBundle: (outputDir: string) => this.write(name, outputDir) },
      },
    });
  }

  private identityOf(bundle: Bundle): string[] {
    const { commandHooks, ...options } = withRelativePaths(this.projectRoot, bundle.bundling);
    const commands =
      commandHooks && Stack.of(this.scope).bundlingRequired ? commandHooks.afterBundling('/in', '/out') : [];
    return [
      'streamer',
      bundle.entry(relativeTo(this.projectRoot)),
      JSON.stringify([options, bundle.platform, isDev(this.scope), commands]),
      ...runtimeFilesOf(bundle).map((file) => path.basename(file)),
    ];
  }

  private write(name: string, outputDir: string): boolean {
    this.built ??= this.build();
    (this.built.get(name) as BundleFolder).copyTo(outputDir);
    return true;
  }

  private build(): ReadonlyMap<string, BundleFolder> {
    const { handlers, schemas } = this.modules;
    for (const handler of handlers) refuseWhatIsNoHandler(this.projectRoot, handler);
    const folders = this.bundles.map((bundle) => new BundleFolder(this.projectRoot, bundle, this.platformOf(bundle)));
    for (const folder of folders) folder.runBefore();
    const { outputs, warnings } = this.run();
    const submitter = outputs.get(SUBMITTER)?.files.get('index.js');
    checkSchemas(this.projectRoot, schemas, submitter, () => this.buildOne(schemasEntry(schemas)));
    for (const warning of warnings) Annotations.of(this.scope).addWarningV2('cdk-streamer:bundling', warning);
    this.check(outputs);
    for (const folder of folders) folder.fill(outputs.get(folder.bundle.name) as BundleOutput);
    return new Map(folders.map((folder) => [folder.bundle.name, folder]));
  }

  private run(): BuildResult {
    try {
      const results = groupsOf(this.projectRoot, this.bundles).map((group) =>
        buildTogether(this.projectRoot, new Map(group.map(({ name, entry }) => [name, entry])), settingsOf(group[0])),
      );
      return {
        outputs: new Map(results.flatMap(({ outputs }) => [...outputs])),
        warnings: [...new Set(results.flatMap(({ warnings }) => warnings))],
      };
    } catch (error) {
      for (const handler of this.modules.handlers) refuseWithoutDefault(this.projectRoot, handler);
      refuseAwaitInSchemas(this.projectRoot, this.modules.schemas, error);
      throw error;
    }
  }

  /** Refuses modules that would fail only at run time, or warns about them. */
  private check(outputs: BuildResult['outputs']): void {
    for (const bundle of this.bundles) {
      const output = outputs.get(bundle.name) as BundleOutput;
      refuseUnbundled(bundle.action, output);
      const assets = assetsOf(this.projectRoot, bundle).map(({ from }) => from);
      for (const text of findUnbundled(this.projectRoot, output, assets)) {
        Annotations.of(this.scope).addWarningV2('cdk-streamer:unbundled', text);
      }
      if (!bundle.bundling.preCompilation)
        warnOfDecoratorMetadata(this.scope, this.projectRoot, bundle.bundling, output);
    }
  }

  private platformOf({ platform: { cpu } }: Bundle): Platform {
    return isDev(this.scope) ? hostPlatform() : { os: 'linux', cpu, isHost: false };
  }

  private buildOne(entry: Entry): Uint8Array {
    const { bundling, platform } = this.bundles.find(({ name }) => name === SUBMITTER) as Bundle;
    const settings = { bundling, target: platform.target };
    const { outputs } = buildTogether(this.projectRoot, new Map([['one', entry]]), settings);
    return outputs.get('one')?.files.get('index.js') as Uint8Array;
  }
}

/** Groups the bundles so that esbuild can build each group in one run. */
function groupsOf(projectRoot: string, bundles: readonly Bundle[]): Bundle[][] {
  const groups = new Map<string, Bundle[]>();
  for (const bundle of bundles) {
    const { sourceMap, sourceMapMode, sourcesContent, metafile, preCompilation } = bundle.bundling;
    const own = { sourceMap, sourceMapMode, sourcesContent, metafile, preCompilation };
    const key = JSON.stringify([esbuildOptions(projectRoot, settingsOf(bundle)), own]);
    groups.set(key, [...(groups.get(key) ?? []), bundle]);
  }
  return [...groups.values()];
}

/** An asset that records its build options as metadata, if a local run requests them. */
class BundledCode extends AssetCode {
  public constructor(
    private readonly projectRoot: string,
    private readonly bundle: Bundle,
    options: ConstructorParameters<typeof AssetCode>[1],
  ) {
    super(projectRoot, options);
  }

  public override bindToResource(resource: CfnResource, options?: ResourceBindOptions): void {
    super.bindToResource(resource, options);
    if (!isDev(resource)) return;
    const metadata: MetadataValues['bundle'] = {
      build: optionsOf(this.projectRoot, this.bundle.entry, settingsOf(this.bundle)),
      besides: runtimeFilesOf(this.bundle),
      assets: assetsOf(this.projectRoot, this.bundle),
      preCompilation: this.bundle.bundling.preCompilation ?? false,
    };
    resource.addMetadata(METADATA.bundle, metadata);
  }
}

/** Whether the app is synthesized for `dev`. The context value is a string if it was given on the command line. */
export function isDev(scope: Construct): boolean {
  return [true, 'true'].includes(scope.node.tryGetContext(DEV_CONTEXT));
}
