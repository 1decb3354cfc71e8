import type { IDomainName } from 'aws-cdk-lib/aws-apigatewayv2';

/** A domain of your own for the API. */
export interface StreamerDomain {
  /** The domain name of API Gateway, with its certificate. Its DNS record is yours to create. */
  readonly domainName: IDomainName;

  /**
   * Path that clients connect to below the domain, without slashes at its ends: letters, digits, `$`, `-`, `_`, `.`, `+`, `!`, `*`, `'`, `(`, `)` and `/`, 300 characters at most. Two APIs
   * on one domain need different ones.
   *
   * @default - the domain itself
   */
  readonly basePath?: string;

  /**
   * Whether clients can no longer connect to the `execute-api` address. The functions then post to connections through the domain too.
   *
   * @default false
   */
  readonly disableDefaultEndpoint?: boolean;
}
