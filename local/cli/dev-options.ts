/** Options of `cdk-streamer dev`. */
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
  /** Opens the Node.js inspector in one function. */
  readonly inspect?: { readonly target: string; readonly port: number };
  /** Starts with an empty state. */
  readonly fresh: boolean;
  /** Maximum number of environments of a function at the same time. */
  readonly maxConcurrency?: number;
  /** Bundle a handler again when it is saved. */
  readonly watch: boolean;
}
