import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';

/** Options of the router's function, which answers every frame and runs the sync handlers that are not isolated. */
export interface RouterOptions {
  /**
   * Memory in MB, 128 to 10240; CPU grows with it, and a cold router spends its first call on TLS.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Layers, at most 5. They must be made for Node.js 24 on arm64, where they hold binaries.
   *
   * @default - none
   */
  readonly layers?: ILayerVersion[];

  /**
   * The network that the router reaches into. It then reaches DynamoDB, and Lambda where a handler is isolated, by that network only.
   *
   * @default - none
   */
  readonly vpc?: IVpc;

  /**
   * Subnets of `vpc`.
   *
   * @default - private subnets, or isolated ones where there are no others
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups in `vpc`.
   *
   * @default - a new one that lets everything out
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Frames at a time that the router answers, kept for it and never exceeded: frames beyond it are refused by API Gateway.
   *
   * @default - none: it shares the account's concurrency
   */
  readonly reservedConcurrency?: number;

  /**
   * Executions that are kept initialized, so that they have no cold start. They cost money while nothing runs. The router gets a
   * version and an alias `live` that API Gateway invokes.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: number;
}
