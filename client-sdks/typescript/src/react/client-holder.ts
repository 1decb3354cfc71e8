import { StreamerClient, type StreamerClientOptions, type UntypedActions } from '..';

/** The client of a provider, or what the provider creates it from. */
export type ClientSource<Actions extends object = UntypedActions> =
  | {
      /** A client. The provider does not close it. */
      readonly client: StreamerClient<Actions>;
    }
  | ({
      /** URL of the API. The provider creates the client at the first use, and closes it when the provider is removed. */
      readonly url: string;
    } & StreamerClientOptions);

/** Creates the client at the first use. During rendering on a server, there is no use, so no client is created. */
export class ClientHolder {
  private created: StreamerClient | undefined;
  private isUsed = false;

  constructor(private source: ClientSource) {}

  readonly client = (): StreamerClient => {
    if ('client' in this.source) return this.source.client;
    this.created ??= new StreamerClient(this.source.url, this.options());
    return this.created;
  };

  /** Uses another token from now on. Another client or URL needs another holder. */
  update(source: ClientSource): void {
    this.source = source;
  }

  /** Returns a function that closes the client, unless it is used again at once, as in React's StrictMode. */
  retain(): () => void {
    this.isUsed = true;
    return () => {
      this.isUsed = false;
      setTimeout(() => {
        if (this.isUsed) return;
        this.created?.close();
        this.created = undefined;
      });
    };
  }

  private options(): StreamerClientOptions {
    const options = this.source as StreamerClientOptions;
    if (typeof options.token !== 'function') return options;
    return { ...options, token: () => (this.source as { token: () => string }).token() };
  }
}
