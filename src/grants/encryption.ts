import { Annotations, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';

/**
 * Actions that DynamoDB requires on a customer's key from the users of a table. They are exact names, because the documentation's
 * `kms:ReEncrypt*` and `kms:GenerateDataKey*` are wildcards.
 */
const TABLE_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** Grants the use of a table's key, through DynamoDB only. */
export function grantKeyOfTable(fn: LambdaFunction, key: IKey): void {
  grantKeyVia(fn, key, 'dynamodb', TABLE_ACTIONS);
}

/** Grants sending to queues, and the use of the key that encrypts them. */
export function grantSend(
  fn: LambdaFunction,
  { encryptionKey }: Pick<Settings, 'encryptionKey'>,
  queues: IQueue[],
): void {
  if (queues.length === 0) return;
  fn.addToRolePolicy(
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: queues.map((queue) => queue.queueArn) }),
  );
  grantKeyOfQueues(fn, { encryptionKey });
}

/** Grants the use of the queues' key, through SQS only. */
export function grantKeyOfQueues(fn: LambdaFunction, { encryptionKey }: Pick<Settings, 'encryptionKey'>): void {
  if (encryptionKey) grantKeyVia(fn, encryptionKey, 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']);
}

/**
 * Grants reading a secret with the function's own policy only. `grantRead` of aws-cdk-lib also writes the role's ARN into the policy of the secret's key, which
 * is a cyclic reference if the key belongs to another stack.
 */
export function grantReadSecret(fn: LambdaFunction, secret: ISecret): void {
  // a secret that is imported by its name has an ARN without the six characters that Secrets Manager appends
  const resource = secret.secretFullArn ?? `${secret.secretArn}-??????`;
  fn.addToRolePolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [resource] }));
  if (secret.encryptionKey) grantKeyVia(fn, secret.encryptionKey, 'secretsmanager', ['kms:Decrypt']);
}

/** Grants sending to a queue to any principal. */
export function grantSendTo(
  scope: Construct,
  grantee: IGrantable,
  { encryptionKey }: Pick<Settings, 'encryptionKey'>,
  queue: IQueue,
): Grant {
  const send = Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
  if (!encryptionKey) return send;
  const use = Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resourceArns: [encryptionKey.keyArn],
    conditions: viaService(scope, 'sqs'),
  });
  return send.combine(use);
}

function grantKeyVia(fn: LambdaFunction, key: IKey, service: string, actions: string[]): void {
  fn.addToRolePolicy(new PolicyStatement({ actions, resources: [key.keyArn], conditions: viaService(fn, service) }));
}

function viaService(scope: Construct, service: string) {
  const { region, urlSuffix } = Stack.of(scope);
  return { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } };
}

/** CloudWatch Logs is one of the few services whose principal has the partition's domain: `amazonaws.com.cn` in China. */
function domainSuffix(scope: Construct): string {
  const { region, urlSuffix } = Stack.of(scope);
  return Token.isUnresolved(region) ? urlSuffix : (RegionInfo.get(region).domainSuffix ?? urlSuffix);
}

const LOGS_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/**
 * Lets CloudWatch Logs encrypt the log groups of this stack's account and region. If the key's policy cannot be changed here, warns that
 * its owner must allow this.
 */
export function allowLogs(scope: Construct, key: IKey): void {
  const { region } = Stack.of(scope);
  const groups = Stack.of(scope).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const { statementAdded } = key.addToResourcePolicy(
    new PolicyStatement({
      actions: LOGS_ACTIONS,
      principals: [new ServicePrincipal(`logs.${region}.${domainSuffix(scope)}`)],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
    }),
  );
  if (statementAdded) return;
  Annotations.of(scope).addWarningV2(
    'cdk-streamer:keyPolicy',
    'The policy of `encryptionKey`, which this app does not create, must allow CloudWatch Logs of this region to use it; otherwise the deployment of the log groups fails',
  );
}
