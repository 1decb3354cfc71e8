/** What `cdk-streamer dev` is asked for. */
export interface DevOptions {
  /** A command that synthesizes the app, run by the shell. */
  readonly app?: string;
  /** A cloud assembly. */
  readonly assemblyDir?: string;
  readonly port?: number;
  readonly pagesDir?: string;
  readonly dynamodb: 'embedded' | 'local';
  readonly verbose: boolean;
}
