/** A stage's address on a domain of the user's own. */
export interface CustomAddress {
  /** Host and path, such as `ws.example.com/live`. */
  readonly address: string;
  readonly apiId: string;
  readonly stage: string;
}

/** Addresses of the run's services, and the translation of AWS's addresses to them. */
export class Endpoints {
  private readonly apis = new Map<string, string>();
  private readonly several: boolean;

  /**
   * @param origin `http://127.0.0.1:4000`
   * @param apiIds the WebSocket APIs that are run; with several, each has a separate path
   * @param custom other addresses of their stages
   */
  public constructor(
    public readonly origin: string,
    apiIds: readonly string[],
    private readonly custom: readonly CustomAddress[] = [],
  ) {
    this.several = apiIds.length > 1;
    for (const id of apiIds) this.apis.set(id, this.several ? `/${id}` : '');
  }

  /** Path that requests of an API begin with: empty for the only one. */
  public apiPath(apiId: string): string {
    return this.apis.get(apiId) ?? '';
  }

  public webSocketUrl(apiId: string, stage: string): string {
    return `${this.webSocketOrigin}${this.apiPath(apiId)}/${stage}`;
  }

  /**
   * Replaces the addresses of the run's own APIs in a string: `wss://<id>.execute-api.<region>.<the partition's domain>` and the same with `https`, and those
   * on domains of the user's own. Others stay as they are.
   */
  public localize(text: string): string {
    return this.localizeCustom(text).replace(
      /(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)/g,
      (found, scheme, id) =>
        this.apis.has(id) ? `${scheme === 'wss' ? this.webSocketOrigin : this.origin}${this.apiPath(id)}` : found,
    );
  }

  /** The longer of two addresses of which one begins with the other is the one that is meant. */
  private localizeCustom(text: string): string {
    const longestFirst = [...this.custom].sort((a, b) => b.address.length - a.address.length);
    return longestFirst.reduce((localized, { address, apiId, stage }) => {
      const url = new RegExp(`(https|wss)://${escapeExpression(address)}(?![\\w.:-])`, 'g');
      const path = `${this.apiPath(apiId)}/${stage}`;
      return localized.replace(url, (_, scheme) => `${scheme === 'wss' ? this.webSocketOrigin : this.origin}${path}`);
    }, text);
  }

  /** Variables by which the AWS SDKs find the services. An IP address makes their S3 clients use path style. */
  public variables(): Record<string, string> {
    return {
      // services without an endpoint: calls are refused and named, rather than sent to AWS
      AWS_ENDPOINT_URL: `${this.origin}${PATHS.other}`,
      AWS_ENDPOINT_URL_DYNAMODB: `${this.origin}${PATHS.dynamodb}`,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: `${this.origin}${PATHS.dynamodb}`,
      AWS_ENDPOINT_URL_EVENTBRIDGE: `${this.origin}${PATHS.events}`,
      AWS_ENDPOINT_URL_LAMBDA: `${this.origin}${PATHS.lambda}`,
      AWS_ENDPOINT_URL_S3: `${this.origin}${PATHS.s3}`,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `${this.origin}${PATHS.secrets}`,
      AWS_ENDPOINT_URL_SQS: `${this.origin}${PATHS.sqs}`,
      // the SDKs refuse explicit endpoints if one of these is enabled
      AWS_USE_DUALSTACK_ENDPOINT: 'false',
      AWS_USE_FIPS_ENDPOINT: 'false',
    };
  }

  private get webSocketOrigin(): string {
    return this.origin.replace(/^http/, 'ws');
  }
}

const escapeExpression = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Paths of the run's services, all of which share one port. */
export const PATHS = {
  console: '/_console',
  dynamodb: '/_aws/dynamodb',
  events: '/_aws/events',
  lambda: '/_aws/lambda',
  other: '/_aws/other',
  outputs: '/_aws/outputs',
  run: '/_aws/run',
  s3: '/_aws/s3',
  secrets: '/_aws/secrets',
  sqs: '/_aws/sqs',
  token: '/_aws/token',
} as const;
