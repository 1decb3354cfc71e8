import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { signingKey } from '../flows/announcements/webhook';

/** Time for which an environment caches the secret, so that a new secret is used at most this much later. */
const CACHED_MS = 5 * 60_000;

/**
 * The keys of a secret's current and previous version. Both sign, so that a receiver may switch to a new secret before or after the sender.
 */
export class SecretKeys {
  private cached: { readonly keys: Promise<readonly Buffer[]>; readonly until: number } | undefined;

  public constructor(
    private readonly client: SecretsManagerClient,
    private readonly secretId: string,
    private readonly now: () => number,
  ) {}

  /** @throws Error if the secret cannot be read, or is not a valid key; its message never contains the secret */
  public get(): Promise<readonly Buffer[]> {
    if (this.cached && this.now() < this.cached.until) return this.cached.keys;
    const keys = this.read();
    const entry = { keys, until: this.now() + CACHED_MS };
    this.cached = entry;
    keys.catch(() => {
      // a failure is not cached
      if (this.cached === entry) this.cached = undefined;
    });
    return keys;
  }

  private async read(): Promise<readonly Buffer[]> {
    const [current, previous] = await Promise.all([this.version('AWSCURRENT'), this.previous()]);
    return [signingKey(current ?? ''), ...(previous ? [previous] : [])];
  }

  /** The previous version of the secret: undefined if the secret has never been changed, or if its previous value is not a valid key. */
  private async previous(): Promise<Buffer | undefined> {
    const value = await this.version('AWSPREVIOUS').catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    try {
      return value === undefined ? undefined : signingKey(value);
    } catch {
      return undefined;
    }
  }

  private async version(stage: string): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId: this.secretId, VersionStage: stage });
    return (await this.client.send(command)).SecretString;
  }
}
