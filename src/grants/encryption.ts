import { Annotations, ArnFormat, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import {
  Grant,
  type GrantOnPrincipalOptions,
  type IGrantable,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import type { Settings } from '../settings';

/**
 * Actions on a customer's key that DynamoDB requires from the users of a table. The names are exact. The documentation's `kms:ReEncrypt*` and
 * `kms:GenerateDataKey*` would be wildcards.
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

/** Grants the use of a table's key, but only through DynamoDB. */
export function grantKeyOfTable(fn: LambdaFunction, key: IKey): void {
  grantKeyVia(fn, key, 'dynamodb', TABLE_ACTIONS);
}

/** Allows sending to queues, and the use of the key that encrypts them. */
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

/** Grants the use of the queues' key, but only through SQS. */
export function grantKeyOfQueues(fn: LambdaFunction, { encryptionKey }: Pick<Settings, 'encryptionKey'>): void {
  if (encryptionKey) grantKeyVia(fn, encryptionKey, 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']);
}

/** Grants the use of a bucket's key, but only through S3. */
export function grantKeyOfBucket(fn: LambdaFunction, key: IKey): void {
  grantKeyVia(fn, key, 's3', ['kms:Decrypt', 'kms:GenerateDataKey']);
}

/**
 * Grants reading a secret by the policy of the function's role only. `grantRead` of aws-cdk-lib also writes the role's ARN into the policy of the
 * secret's key. If the key belongs to another stack, that is a cyclic reference.
 */
export function grantReadSecret(fn: LambdaFunction, secret: ISecret): void {
  // If a secret was imported by its name, its ARN lacks the six characters that Secrets Manager appends.
  const resource = secret.secretFullArn ?? `${secret.secretArn}-??????`;
  fn.addToRolePolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [resource] }));
  if (secret.encryptionKey) grantKeyVia(fn, secret.encryptionKey, 'secretsmanager', ['kms:Decrypt']);
}

/** Allows any grantee with a principal to send to a queue and to use its key. */
export function grantSendTo(
  scope: Construct,
  grantee: IGrantable,
  { encryptionKey }: Pick<Settings, 'encryptionKey'>,
  queue: IQueue,
): Grant {
  const send = grantOn(scope, queue, { grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
  if (!encryptionKey) return send;
  const use = grantOn(scope, encryptionKey, {
    grantee,
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resourceArns: [encryptionKey.keyArn],
    conditions: viaService(scope, 'sqs', queue.env.region),
  });
  return send.combine(use);
}

/**
 * Grants actions by the policy of the principal. The policy of the resource also allows them in two cases: the principal belongs to another account,
 * or its policy cannot be changed, such as that of a service. If this app cannot change the resource's policy, a warning names that policy.
 */
function grantOn(scope: Construct, resource: IQueue | IKey, options: GrantOnPrincipalOptions): Grant {
  const principal = options.grantee.grantPrincipal;
  const grant = Grant.addToPrincipal(options);
  const far = isOther(resource.env.account, principal.principalAccount);
  if (far && isImported(principal)) warnOfPolicy(scope, 'the grantee itself', options);
  if (grant.success && !far) return grant;
  if (isImported(resource)) {
    warnOfPolicy(scope, 'queueArn' in resource ? "the topics' queue" : '`encryptionKey`', options);
    return grant;
  }
  const { actions, conditions } = options;
  // in a key's own policy, `*` stands for the key
  const resources = 'keyArn' in resource ? ['*'] : options.resourceArns;
  const statement = new PolicyStatement({ actions, conditions, resources, principals: [principal] });
  return Grant.addStatementToResourcePolicy({ ...options, resource, statement });
}

const isOther = (account: string, other: string | undefined): boolean =>
  other !== undefined && Token.compareStrings(account, other) === TokenComparison.DIFFERENT;

const isImported = (value: object): boolean => Construct.isConstruct(value) && !Resource.isOwnedResource(value);

function warnOfPolicy(scope: Construct, owner: string, { actions, grantee }: GrantOnPrincipalOptions): void {
  const principal = JSON.stringify(Stack.of(scope).resolve(grantee.grantPrincipal.policyFragment.principalJson));
  Annotations.of(scope).addWarningV2(
    'cdk-streamer:publisherPolicy',
    `\`grantPublish\` cannot change the policy of ${owner}, which this app does not create: it must allow ${actions.join(' and ')} to ${principal}, or publishing fails`,
  );
}

function grantKeyVia(fn: LambdaFunction, key: IKey, service: string, actions: string[]): void {
  fn.addToRolePolicy(new PolicyStatement({ actions, resources: [key.keyArn], conditions: viaService(fn, service) }));
}

function viaService(scope: Construct, service: string, region = Stack.of(scope).region) {
  const { urlSuffix } = Stack.of(scope);
  return { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } };
}

/**
 * Returns the domain suffix of CloudWatch Logs' service principal. CloudWatch Logs is one of the few services that use the partition's domain, such
 * as `amazonaws.com.cn` in China.
 */
function domainSuffix(scope: Construct): string {
  const { region, urlSuffix } = Stack.of(scope);
  return Token.isUnresolved(region) ? urlSuffix : (RegionInfo.get(region).domainSuffix ?? urlSuffix);
}

const LOGS_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/**
 * Allows CloudWatch Logs to encrypt the log groups of this stack's account and region. If this app cannot change the key's policy, a warning asks the
 * key's owner to allow this.
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
