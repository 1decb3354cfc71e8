/** Address of a stage on a custom domain. */
export interface CustomAddress {
  /** Host and path, such as `ws.example.com/live`. */
  readonly address: string;
  readonly apiId: string;
  readonly stage: string;
}

/** Addresses of the run's services. They replace the addresses of AWS. */
export class Endpoints {
  private readonly apis = new Map<string, string>();
  private readonly several: boolean;

  /**
   * @param origin origin of the run, such as `http://127.0.0.1:4000`
   * @param apiIds ids of the run's WebSocket APIs. If there are several, each has its own path.
   * @param custom addresses of the APIs' stages on custom domains
   */
  public constructor(
    public readonly origin: string,
    apiIds: readonly string[],
    private readonly custom: readonly CustomAddress[] = [],
  ) {
    this.several = apiIds.length > 1;
    for (const id of apiIds) this.apis.set(id, this.several ? `/${id}` : '');
  }

  /** First part of the path in requests to an API. It is empty if there is only one API. */
  public apiPath(apiId: string): string {
    return this.apis.get(apiId) ?? '';
  }

  public webSocketUrl(apiId: string, stage: string): string {
    return `${this.webSocketOrigin}${this.apiPath(apiId)}/${stage}`;
  }

  /**
   * Replaces the addresses of the run's own APIs in a string: `wss://<id>.execute-api.<region>.<the partition's
   * domain>`, the same with `https`, and addresses on custom domains. Other addresses stay unchanged.
   */
  public localize(text: string): string {
    return this.localizeCustom(text).replace(
      /(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)/g,
      (found, scheme, id) =>
        this.apis.has(id) ? `${scheme === 'wss' ? this.webSocketOrigin : this.origin}${this.apiPath(id)}` : found,
    );
  }

  /** Replaces addresses on custom domains. If one address begins with another one, the longer address applies. */
  private localizeCustom(text: string): string {
    const longestFirst = [...this.custom].sort((a, b) => b.address.length - a.address.length);
    return longestFirst.reduce((localized, { address, apiId, stage }) => {
      const url = new RegExp(`(https|wss)://${escapeExpression(address)}(?![\\w.:-])`, 'g');
      const path = `${this.apiPath(apiId)}/${stage}`;
      return localized.replace(url, (_, scheme) => `${scheme === 'wss' ? this.webSocketOrigin : this.origin}${path}`);
    }, text);
  }

  /**
   * Returns the environment variables with which the AWS SDKs find the run's services. Because the address is an IP
   * address, S3 clients use path-style URLs.
   */
  public variables(): Record<string, string> {
    return {
      // calls to all other services come here; the run refuses and logs them instead of sending them to AWS
      AWS_ENDPOINT_URL: `${this.origin}${PATHS.other}`,
      AWS_ENDPOINT_URL_DYNAMODB: `${this.origin}${PATHS.dynamodb}`,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: `${this.origin}${PATHS.dynamodb}`,
      AWS_ENDPOINT_URL_EVENTBRIDGE: `${this.origin}${PATHS.events}`,
      AWS_ENDPOINT_URL_LAMBDA: `${this.origin}${PATHS.lambda}`,
      AWS_ENDPOINT_URL_S3: `${this.origin}${PATHS.s3}`,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `${this.origin}${PATHS.secrets}`,
      AWS_ENDPOINT_URL_SQS: `${this.origin}${PATHS.sqs}`,
      // the SDKs reject explicit endpoints if one of these settings is enabled
      AWS_USE_DUALSTACK_ENDPOINT: 'false',
      AWS_USE_FIPS_ENDPOINT: 'false',
    };
  }

  private get webSocketOrigin(): string {
    return this.origin.replace(/^http/, 'ws');
  }
}

const escapeExpression = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Paths of the run's services, which share one port. */
export const PATHS = {
  console: '/_console',
  dynamodb: '/_aws/dynamodb',
  events: '/_aws/events',
  lambda: '/_aws/lambda',
  other: '/_aws/other',
  outputs: '/_aws/outputs',
  run: '/_aws/run',
  s3: '/_aws/s3',
  schedules: '/_aws/schedules',
  secrets: '/_aws/secrets',
  sqs: '/_aws/sqs',
  token: '/_aws/token',
} as const;
