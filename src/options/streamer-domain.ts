import type { IDomainName } from 'aws-cdk-lib/aws-apigatewayv2';

/** A custom domain for the API. */
export interface StreamerDomain {
  /** The domain name of API Gateway, with its certificate. You must create its DNS record. */
  readonly domainName: IDomainName;

  /**
   * Path below the domain to which clients connect, without slashes at its ends. It may have letters, digits, `$`, `-`, `_`, `.`, `+`, `!`, `*`, `'`,
   * `(`, `)` and `/`, 300 characters at most. Two APIs on one domain need different paths.
   *
   * @default - the domain itself
   */
  readonly basePath?: string;

  /**
   * Whether the `execute-api` address is disabled, so that clients can connect through the domain only. The functions then post to connections
   * through the domain, too.
   *
   * @default false
   */
  readonly disableDefaultEndpoint?: boolean;
}
