import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations, AssetHashType, type CfnResource, DockerImage, Stack } from 'aws-cdk-lib';
import { AssetCode, type Code, type ResourceBindOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type Entry, relativeTo } from './entry';
import { OPTIONS, optionsOf, type Runtime, runtimeFile } from './esbuild-options';
import { type BuildResult, buildTogether } from './esbuild-run';
import { type NamedModule, refuseWhatIsNoHandler, refuseWithoutDefault } from './handler-modules';
import { builtFile } from './package-files';
import { checkSchemas, type SchemaModule, schemasEntry } from './schema-modules';

/** Code of one function that holds modules of the user's. */
export interface Bundle {
  /** Tells the bundles of an API apart. */
  readonly name: string;
  readonly entry: Entry;
  /** Parts of the runtime that the entry imports. */
  readonly runtimes: readonly Runtime[];
  /** Other files of the runtime that lie beside the bundle. */
  readonly besides?: readonly string[];
}

/** Modules of the user's that bundles hold. */
export interface Modules {
  readonly handlers: readonly NamedModule[];
  readonly schemas: readonly SchemaModule[];
}

/** Name of the submitter's bundle, which holds the schemas of all async actions. */
export const SUBMITTER = 'submitter';

/** Metadata by which a local run rebuilds a function when its sources change. */
export const BUNDLE_METADATA = 'cdk-streamer:bundle';

/** Context key that asks for it. */
export const DEV_CONTEXT = 'cdk-streamer:dev';

/**
 * Bundles that are built together, in one run of esbuild, when the first of them is needed: their modules are parsed once.
 *
 * Where the CDK leaves bundling out, nothing is built and no module is looked at.
 */
export class Bundles {
  private built: ReadonlyMap<string, Uint8Array> | undefined;

  /** @param modules the users' modules in them, which are checked before they are built */
  public constructor(
    private readonly scope: Construct,
    private readonly projectRoot: string,
    private readonly bundles: readonly Bundle[],
    private readonly modules: Modules,
  ) {}

  /** Code of one of the bundles. Its asset's hash is that of the output, the same in each checkout of the same sources. */
  public code(name: string): Code {
    const bundle = this.bundles.find((each) => each.name === name) as Bundle;
    // here and not when the CDK asks for it: it would put a paragraph of its own before what we have to say
    if (Stack.of(this.scope).bundlingRequired) this.built ??= this.build();
    const entry = bundle.entry(relativeTo(this.projectRoot));
    const files = besides(bundle);
    return new BundledCode(this.projectRoot, bundle, {
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        image: DockerImage.fromRegistry('unused: bundling is local'),
        // The cache key of assets is JSON.stringify(bundling), which drops functions: what tells two bundles apart must be data here, ...
        command: ['streamer', entry, JSON.stringify(OPTIONS), ...files.map((file) => path.basename(file))],
        // ... and this a closure, not an object with fields, or the project's absolute path would be a part of that key.
        local: { tryBundle: (outputDir: string) => this.write(name, files, outputDir) },
      },
    });
  }

  private write(name: string, files: readonly string[], outputDir: string): boolean {
    this.built ??= this.build();
    fs.writeFileSync(path.join(outputDir, 'index.js'), this.built.get(name) as Uint8Array);
    for (const file of files) fs.copyFileSync(file, path.join(outputDir, path.basename(file)));
    return true;
  }

  private build(): ReadonlyMap<string, Uint8Array> {
    const { handlers, schemas } = this.modules;
    for (const handler of handlers) refuseWhatIsNoHandler(this.projectRoot, handler);
    const { outputs, warnings } = this.run();
    checkSchemas(this.projectRoot, schemas, outputs.get(SUBMITTER), () => this.buildOne(schemasEntry(schemas)));
    for (const warning of warnings) Annotations.of(this.scope).addWarningV2('cdk-streamer:bundling', warning);
    return outputs;
  }

  private run(): BuildResult {
    try {
      return buildTogether(this.projectRoot, new Map(this.bundles.map(({ name, entry }) => [name, entry])));
    } catch (error) {
      for (const handler of this.modules.handlers) refuseWithoutDefault(this.projectRoot, handler);
      throw error;
    }
  }

  private buildOne(entry: Entry): Uint8Array {
    return buildTogether(this.projectRoot, new Map([['one', entry]])).outputs.get('one') as Uint8Array;
  }
}

/** An asset that says, where a local run asks for it, how it was built. */
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
    const metadata = { build: optionsOf(this.projectRoot, this.bundle.entry), besides: besides(this.bundle) };
    resource.addMetadata(BUNDLE_METADATA, metadata);
  }
}

/** A context value given on the command line is a text. */
function isDev(resource: CfnResource): boolean {
  return [true, 'true'].includes(resource.node.tryGetContext(DEV_CONTEXT));
}

function besides({ runtimes, besides = [] }: Bundle): string[] {
  return [...runtimes.map(runtimeFile), ...besides].map((file) => builtFile('runtime', file));
}
