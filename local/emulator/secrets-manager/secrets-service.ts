import { randomUUID } from 'node:crypto';
import { AwsJsonError, type AwsService, awsJsonService, type Fields } from '../http';
import type { StateSlot } from '../state';
import { type Clock, type LogSink, systemClock } from '../types';

export interface SecretsOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Persistent storage of values. @default - only in memory */
  readonly state?: StateSlot;
}

export interface SecretSpec {
  readonly name: string;
  readonly arn: string;
  /** Value from the template, or a function that generates the value if the template requests that. */
  readonly value: string | (() => string);
  readonly description?: string;
}

interface Version {
  readonly id: string;
  readonly value: string;
  readonly createdAt: number;
}

interface Secret extends Omit<SecretSpec, 'value'> {
  readonly createdAt: number;
  /** Last value from the template. */
  given?: string;
  current: Version;
  previous?: Version;
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** The secrets of a local run, with the operations GetSecretValue, DescribeSecret and PutSecretValue. */
export class SecretsService {
  /** The API of the service, for an entry point. */
  public readonly api: AwsService;
  private readonly secrets: Secret[] = [];
  /** Secrets of an earlier run, by ARN. */
  private readonly kept = new Map<string, Secret>();
  private readonly clock: Clock;
  private readonly newId: () => string;

  public constructor(private readonly options: SecretsOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    const operations = new Map([
      ['GetSecretValue', (fields: Fields) => this.getSecretValue(fields)],
      ['DescribeSecret', (fields: Fields) => this.describe(fields)],
      ['PutSecretValue', (fields: Fields) => this.putSecretValue(fields)],
    ]);
    this.api = awsJsonService({
      name: 'secretsmanager',
      version: '1.1',
      targetPrefix: 'secretsmanager.',
      operations,
      log: options.log,
    });
    for (const record of options.state?.restore() ?? []) this.kept.set((record as Secret).arn, record as Secret);
    options.state?.onSnapshot(() => this.secrets);
  }

  /**
   * Creates a secret. If it exists or existed in an earlier run, it keeps its value, unless the value in the template
   * has changed.
   */
  public create({ value, ...spec }: SecretSpec): void {
    const known = this.secrets.find(({ arn }) => arn === spec.arn) ?? this.kept.get(spec.arn);
    const given = typeof value === 'string' ? value : undefined;
    const secret = known ? { ...known, ...spec } : this.first(spec, typeof value === 'string' ? value : value());
    if (known && given !== undefined && given !== known.given) this.replace(secret, given);
    secret.given = given;
    this.remove(spec.arn);
    this.secrets.push(secret);
    this.options.state?.append(secret);
  }

  /** Removes all other secrets. */
  public retainSecrets(arns: ReadonlySet<string>): void {
    for (const { arn } of [...this.secrets]) if (!arns.has(arn)) this.remove(arn);
    this.kept.clear();
  }

  /**
   * Returns the current value.
   *
   * @param id name, ARN, or ARN without its last six characters
   * @throws AwsJsonError `ResourceNotFoundException` if there is no such secret
   */
  public value(id: string): string {
    return this.find(id).current.value;
  }

  /** Sets a new current value. The previous value stays available as `AWSPREVIOUS`. */
  public put(id: string, value: string): void {
    const secret = this.find(id);
    this.replace(secret, value);
    this.options.state?.append(secret);
  }

  private first(spec: Omit<SecretSpec, 'value'>, value: string): Secret {
    return { ...spec, createdAt: this.clock.now(), current: this.version(value) };
  }

  private replace(secret: Secret, value: string): void {
    secret.previous = secret.current;
    secret.current = this.version(value);
  }

  private remove(arn: string): void {
    const at = this.secrets.findIndex((secret) => secret.arn === arn);
    if (at >= 0) this.secrets.splice(at, 1);
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
