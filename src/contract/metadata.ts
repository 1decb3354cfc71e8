import type { JwtConfig } from './config';

/** Keys of the metadata in a synthesized template. A local run uses them to identify the purpose of a resource. */
export const METADATA = {
  /** Metadata key that marks a function which verifies tokens. */
  jwt: 'cdk-streamer:jwt',
  /** Metadata key that marks an authorizer which admits visitors without a login. */
  visitors: 'cdk-streamer:visitors',
  /** Metadata key of the router. The value lists the actions, because no other resource lists the sync actions. */
  actions: 'cdk-streamer:actions',
  /** Metadata key that marks the queues of an async action. */
  queue: 'cdk-streamer:queue',
  /** Metadata key that marks a schedule of an async action. */
  schedule: 'cdk-streamer:schedule',
  /** Metadata key of a function that was bundled by a synthesis for `dev`. The value contains the options of the build. */
  bundle: 'cdk-streamer:bundle',
  /** Metadata key of the router, if it was bundled by a synthesis for `dev`. The value names the modules with the schemas of inputs. */
  inputs: 'cdk-streamer:inputs',
} as const;

/** Values of the metadata, by the names of `METADATA`. */
export interface MetadataValues {
  readonly jwt: JwtConfig;
  readonly visitors: true;
  readonly actions: { readonly [action: string]: ActionMode };
  readonly queue: QueueMetadata;
  readonly schedule: ScheduleMetadata;
  readonly bundle: BundleMetadata;
  /** Absolute paths of modules by action. The module is a schema module, or the module of a sync handler, which exports the schema as `input`. */
  readonly inputs: { readonly [action: string]: string };
}

export type ActionMode = 'sync' | 'async';

/** Queue of an async action. */
export interface QueueMetadata {
  readonly action: string;
  /** Whether the queue is the action's dead-letter queue. */
  readonly deadLetters: boolean;
  /** Priority class of the requests in the queue; absent if the queue belongs to no class. */
  readonly priority?: string;
}

/** Schedule of an async action. */
export interface ScheduleMetadata {
  readonly action: string;
  /** Name of the schedule, unique within the action. */
  readonly name: string;
}

/** Options with which a function was bundled, so that a local run can build the bundle again. */
export interface BundleMetadata {
  /** Complete options for esbuild. */
  readonly build: object;
  /** Absolute paths of files that are copied next to the bundle. */
  readonly besides: readonly string[];
  /** Absolute paths of the user's files and folders, with their paths in the function. */
  readonly assets: readonly { readonly from: string; readonly to: string }[];
  /** Whether TypeScript compiles the project's modules first. */
  readonly preCompilation: boolean;
}

/** Context key that makes a synthesis write the metadata `bundle` and `inputs`, too. */
export const DEV_CONTEXT = 'cdk-streamer:dev';
