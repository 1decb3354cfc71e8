import type { Size } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';

/** Options of a function that runs one handler. */
export interface HandlerFunctionOptions {
  /**
   * Environment variables: letters, digits and `_`, not beginning with `STREAMER_`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Permissions of the role. `api.handler('export')` takes grants afterwards, too.
   *
   * @default - none but what Streamer itself needs
   */
  readonly initialPolicy?: PolicyStatement[];

  /**
   * Layers, at most 5. They must be made for Node.js 24 on arm64, where they hold binaries.
   *
   * @default - none
   */
  readonly layers?: ILayerVersion[];

  /**
   * The network that the function reaches into. It then reaches AWS and the internet by that network only: DynamoDB, SQS, Lambda and
   * `execute-api` need endpoints or a way out.
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
   * Executions at a time that are kept for the function, and that it never exceeds. They are taken off the account's own.
   *
   * @default - none: it shares the account's concurrency
   */
  readonly reservedConcurrency?: number;

  /**
   * Executions that are kept initialized, so that they have no cold start. They cost money while nothing runs. The function gets a
   * version and an alias `live` that is invoked.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: number;

  /**
   * Size of `/tmp`, 512 MiB to 10 GiB.
   *
   * @default - 512 MiB, Lambda's own
   */
  readonly ephemeralStorageSize?: Size;
}
