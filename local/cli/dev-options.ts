import type { ChaosOptions } from '../run';

/** Options of `cdk-streamer dev`. */
export interface DevOptions {
  /** Shell command that synthesizes the app. */
  readonly app?: string;
  /** Folder of a cloud assembly that exists already. */
  readonly assemblyDir?: string;
  readonly port?: number;
  readonly pagesDir?: string;
  readonly dynamodb: 'embedded' | 'local';
  /** Whether to open the console in a browser. */
  readonly open: boolean;
  readonly verbose: boolean;
  /** Function in which the Node.js inspector opens, and the port of the inspector. */
  readonly inspect?: { readonly target: string; readonly port: number };
  /** Whether to start with an empty state. */
  readonly fresh: boolean;
  /** Maximum number of environments that a function has at the same time. */
  readonly maxConcurrency?: number;
  /** Faults to inject. @default - no faults */
  readonly chaos?: ChaosOptions;
  /** Whether to bundle a handler again when it is saved. */
  readonly watch: boolean;
}
