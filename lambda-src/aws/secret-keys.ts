import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { signingKey } from '../flows/announcements/webhook';

/** Time for which a process caches the secret. A changed secret is therefore used at most this much later. */
const CACHED_MS = 5 * 60_000;

/**
 * The keys of a secret's current and previous version. Messages are signed with both keys, so that the receiver may switch to the new secret earlier
 * or later than the sender.
 */
export class SecretKeys {
  private cached: { readonly keys: Promise<readonly Buffer[]>; readonly until: number } | undefined;

  public constructor(
    private readonly client: SecretsManagerClient,
    private readonly secretId: string,
    private readonly now: () => number,
  ) {}

  /** @throws Error if the secret cannot be read, or is not a valid key. The message never contains the secret */
  public get(): Promise<readonly Buffer[]> {
    if (this.cached && this.now() < this.cached.until) return this.cached.keys;
    const keys = this.read();
    const entry = { keys, until: this.now() + CACHED_MS };
    this.cached = entry;
    keys.catch(() => {
      // Failures are not cached.
      if (this.cached === entry) this.cached = undefined;
    });
    return keys;
  }

  private async read(): Promise<readonly Buffer[]> {
    const [current, previous] = await Promise.all([this.version('AWSCURRENT'), this.previous()]);
    return [signingKey(current ?? ''), ...(previous ? [previous] : [])];
  }

  /**
   * Returns the key of the secret's previous version; undefined if the secret has never been changed, or if the previous value is not a valid key.
   */
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
