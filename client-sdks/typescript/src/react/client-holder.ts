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
    // A closed client stays, so that functions that are called after the end of the page reject with `CLIENT_CLOSED`.
    this.created ??= new StreamerClient(this.source.url, { ...this.source, token: () => this.token() });
    return this.created;
  };

  /** Uses another token from the next connection on. Another client or URL needs another holder. */
  update(source: ClientSource): void {
    this.source = source;
  }

  /** Returns a function that closes the client, unless it is used again at once, as in React's StrictMode. */
  retain(): () => void {
    this.isUsed = true;
    if (this.created?.state === 'closed') this.created = undefined;
    return () => {
      this.isUsed = false;
      setTimeout(() => this.isUsed || this.created?.close());
    };
  }

  private token(): string | Promise<string> {
    const { token } = this.source as StreamerClientOptions;
    return typeof token === 'function' ? token() : token;
  }
}
