import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsJsonError, type Fields, serveAwsJson } from '../aws-json';
import { type Clock, type LogSink, systemClock } from '../types';

export interface SecretsOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
}

export interface SecretSpec {
  readonly name: string;
  readonly arn: string;
  readonly value: string;
  readonly description?: string;
}

interface Version {
  readonly id: string;
  readonly value: string;
  readonly createdAt: number;
}

interface Secret extends Omit<SecretSpec, 'value'> {
  readonly createdAt: number;
  current: Version;
  previous?: Version;
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** The secrets of a local run, and what functions ask of Secrets Manager: GetSecretValue, DescribeSecret, PutSecretValue. */
export class SecretsService {
  private readonly secrets: Secret[] = [];
  private readonly clock: Clock;
  private readonly newId: () => string;

  public constructor(private readonly options: SecretsOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
  }

  public create({ value, ...secret }: SecretSpec): void {
    this.secrets.push({ ...secret, createdAt: this.clock.now(), current: this.version(value) });
  }

  /**
   * The current value.
   *
   * @param id name, ARN, or ARN without its last six characters
   * @throws AwsJsonError `ResourceNotFoundException`
   */
  public value(id: string): string {
    return this.find(id).current.value;
  }

  /** A new current value; the one before stays reachable as `AWSPREVIOUS`. */
  public put(id: string, value: string): void {
    const secret = this.find(id);
    secret.previous = secret.current;
    secret.current = this.version(value);
  }

  public async handleRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const operations = new Map([
      ['GetSecretValue', (fields: Fields) => this.getSecretValue(fields)],
      ['DescribeSecret', (fields: Fields) => this.describe(fields)],
      ['PutSecretValue', (fields: Fields) => this.putSecretValue(fields)],
    ]);
    const { log } = this.options;
    await serveAwsJson(
      { name: 'secretsmanager', targetPrefix: 'secretsmanager.', operations, log, newId: this.newId },
      req,
      res,
    );
  }

  private getSecretValue(fields: Fields): unknown {
    const secret = this.find(fields.SecretId);
    const version = versionOf(secret, fields);
    const stage = version === secret.current ? CURRENT : PREVIOUS;
    return {
      ...names(secret),
      VersionId: version.id,
      VersionStages: [stage],
      SecretString: version.value,
      CreatedDate: version.createdAt / 1000,
    };
  }

  private describe(fields: Fields): unknown {
    const secret = this.find(fields.SecretId);
    const { current, previous, createdAt, description } = secret;
    return {
      ...names(secret),
      ...(description === undefined ? {} : { Description: description }),
      CreatedDate: createdAt / 1000,
      LastChangedDate: current.createdAt / 1000,
      VersionIdsToStages: { [current.id]: [CURRENT], ...(previous ? { [previous.id]: [PREVIOUS] } : {}) },
    };
  }

  private putSecretValue(fields: Fields): unknown {
    if (typeof fields.SecretString !== 'string') {
      throw new AwsJsonError(
        'InvalidParameterException',
        'You must provide SecretString: binary secrets are not emulated.',
      );
    }
    const secret = this.find(fields.SecretId);
    this.put(secret.arn, fields.SecretString);
    return { ...names(secret), VersionId: secret.current.id, VersionStages: [CURRENT] };
  }

  private find(id: unknown): Secret {
    const secret = this.secrets.find(({ name, arn }) => id === name || id === arn || id === arn.slice(0, -7));
    if (!secret) throw notFound('');
    return secret;
  }

  private version(value: string): Version {
    return { id: this.newId(), value, createdAt: this.clock.now() };
  }
}

function versionOf({ current, previous }: Secret, { VersionId, VersionStage = CURRENT }: Fields): Version {
  const version =
    VersionId === undefined ? byStage({ current, previous }, VersionStage) : byId([current, previous], VersionId);
  if (!version)
    throw notFound(
      ` value for ${VersionId === undefined ? 'staging label' : 'VersionId'}: ${String(VersionId ?? VersionStage)}`,
    );
  return version;
}

function byStage({ current, previous }: Pick<Secret, 'current' | 'previous'>, stage: unknown): Version | undefined {
  if (stage === CURRENT) return current;
  return stage === PREVIOUS ? previous : undefined;
}

const byId = (versions: readonly (Version | undefined)[], id: unknown): Version | undefined =>
  versions.find((version) => version?.id === id);

const names = ({ arn, name }: Secret) => ({ ARN: arn, Name: name });

const notFound = (what: string) =>
  new AwsJsonError('ResourceNotFoundException', `Secrets Manager can't find the specified secret${what}.`);
