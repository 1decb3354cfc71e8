/** What `cdk-streamer dev` is asked for. */
export interface DevOptions {
  /** A command that synthesizes the app, run by the shell. */
  readonly app?: string;
  /** A cloud assembly. */
  readonly assemblyDir?: string;
  readonly port?: number;
  readonly pagesDir?: string;
  readonly dynamodb: 'embedded' | 'local';
  /** Open the console in a browser. */
  readonly open: boolean;
  readonly verbose: boolean;
  /** Open Node.js's inspector in one function. */
  readonly inspect?: { readonly target: string; readonly port: number };
  /** Begin with an empty state. */
  readonly fresh: boolean;
  /** Environments that a function may have at once. */
  readonly maxConcurrency?: number;
  /** Bundle a handler again when it is saved. */
  readonly watch: boolean;
}
