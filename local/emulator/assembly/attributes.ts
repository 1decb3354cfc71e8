import { physicalName, stableId, stableUuid } from './physical-names';

/** The values from which the names of a resource are created. */
export interface Identity {
  readonly stackName: string;
  readonly logicalId: string;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  /** Returns a property with resolved references. */
  property(name: string): unknown;
}

/** The values of `Ref` and of `Fn::GetAtt` for a resource. */
export interface Naming {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Provider = (identity: Identity) => Naming;

/** Returns the names of a resource, or undefined for a type that the local run does not emulate. */
export function nameResource(type: string, identity: Identity): Naming | undefined {
  return PROVIDERS.get(type)?.(identity);
}

const PROVIDERS = new Map<string, Provider>([
  ['AWS::ApiGatewayV2::Api', api],
  ['AWS::ApiGatewayV2::Authorizer', (r) => identified(r, 6, 'AuthorizerId')],
  ['AWS::ApiGatewayV2::Deployment', (r) => identified(r, 6, 'DeploymentId')],
  ['AWS::ApiGatewayV2::DomainName', domainName],
  ['AWS::ApiGatewayV2::Integration', (r) => identified(r, 7, 'IntegrationId')],
  ['AWS::ApiGatewayV2::IntegrationResponse', (r) => identified(r, 7, 'IntegrationResponseId')],
  ['AWS::ApiGatewayV2::Route', (r) => identified(r, 7, 'RouteId')],
  ['AWS::ApiGatewayV2::RouteResponse', (r) => identified(r, 7, 'RouteResponseId')],
  ['AWS::ApiGatewayV2::Stage', (r) => ({ ref: named(r, 'StageName', { max: 128 }), attributes: {} })],
  ['AWS::CDK::Metadata', (r) => identified(r, 10)],
  ['AWS::CloudFormation::Stack', nestedStack],
  ['AWS::DynamoDB::GlobalTable', table],
  ['AWS::DynamoDB::Table', table],
  ['AWS::Events::EventBus', eventBus],
  ['AWS::Events::Rule', rule],
  ['AWS::IAM::ManagedPolicy', managedPolicy],
  ['AWS::IAM::Policy', (r) => identified(r, 10, 'Id')],
  ['AWS::IAM::Role', role],
  ['AWS::KMS::Alias', (r) => ({ ref: named(r, 'AliasName', { max: 256 }), attributes: {} })],
  ['AWS::KMS::Key', key],
  ['AWS::Lambda::Alias', (r) => qualified(r, String(r.property('Name')), 'AliasArn')],
  ['AWS::Lambda::EventInvokeConfig', (r) => identified(r, 10)],
  ['AWS::Lambda::EventSourceMapping', eventSourceMapping],
  ['AWS::Lambda::Function', lambdaFunction],
  ['AWS::Lambda::LayerVersion', layerVersion],
  ['AWS::Lambda::Permission', (r) => identified(r, 10, 'Id')],
  ['AWS::Lambda::Version', (r) => qualified(r, '1', 'FunctionArn')],
  ['AWS::Logs::LogGroup', logGroup],
  ['AWS::S3::Bucket', bucket],
  ['AWS::S3::BucketPolicy', (r) => identified(r, 10)],
  ['AWS::SQS::Queue', queue],
  ['AWS::Scheduler::Schedule', schedule],
  ['AWS::Scheduler::ScheduleGroup', scheduleGroup],
  ['AWS::SecretsManager::Secret', secret],
  ['AWS::SQS::QueuePolicy', (r) => identified(r, 10, 'Id')],
]);

function arn(r: Identity, service: string, resource: string): string {
  return `arn:${r.partition}:${service}:${r.region}:${r.accountId}:${resource}`;
}

function named(r: Identity, property: string, rule: { max: number; lowerCase?: boolean }): string {
  const given = r.property(property);
  return typeof given === 'string' ? given : physicalName(r.stackName, r.logicalId, rule);
}

function identified(r: Identity, length: number, attribute?: string): Naming {
  const id = stableId(`${r.stackName}/${r.logicalId}`, length);
  return { ref: id, attributes: attribute === undefined ? {} : { [attribute]: id } };
}

function api(r: Identity): Naming {
  const id = stableId(`${r.stackName}/${r.logicalId}`, 10);
  const scheme = r.property('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https';
  return {
    ref: id,
    attributes: { ApiId: id, ApiEndpoint: `${scheme}://${id}.execute-api.${r.region}.${r.urlSuffix}` },
  };
}

function domainName(r: Identity): Naming {
  const name = String(r.property('DomainName'));
  const id = stableId(name, 10);
  const attributes = {
    DomainNameArn: `arn:${r.partition}:apigateway:${r.region}::/domainnames/${name}`,
    RegionalDomainName: `d-${id}.execute-api.${r.region}.${r.urlSuffix}`,
    RegionalHostedZoneId: `Z${id.toUpperCase()}`,
  };
  return { ref: name, attributes };
}

function nestedStack(r: Identity): Naming {
  return { ref: arn(r, 'cloudformation', `stack/${r.stackName}-${r.logicalId}/local`), attributes: {} };
}

function table(r: Identity): Naming {
  const name = named(r, 'TableName', { max: 255 });
  const tableArn = arn(r, 'dynamodb', `table/${name}`);
  const stream: Record<string, string> =
    r.property('StreamSpecification') === undefined ? {} : { StreamArn: `${tableArn}/stream/local` };
  return { ref: name, attributes: { Arn: tableArn, TableId: stableUuid(tableArn), ...stream } };
}

function eventBus(r: Identity): Naming {
  const name = named(r, 'Name', { max: 256 });
  return { ref: name, attributes: { Arn: arn(r, 'events', `event-bus/${name}`), Name: name } };
}

/** Returns the names of a rule. The names of a rule on a custom event bus contain the name of the bus. */
function rule(r: Identity): Naming {
  const name = named(r, 'Name', { max: 64 });
  const bus = String(r.property('EventBusName') ?? 'default')
    .split('/')
    .at(-1);
  return bus === 'default'
    ? { ref: name, attributes: { Arn: arn(r, 'events', `rule/${name}`) } }
    : { ref: `${bus}|${name}`, attributes: { Arn: arn(r, 'events', `rule/${bus}/${name}`) } };
}

/** Returns the names of a schedule. The ARN contains the name of its group. */
function schedule(r: Identity): Naming {
  const name = named(r, 'Name', { max: 64 });
  const group = String(r.property('GroupName') ?? 'default');
  return { ref: name, attributes: { Arn: arn(r, 'scheduler', `schedule/${group}/${name}`) } };
}

function scheduleGroup(r: Identity): Naming {
  const name = named(r, 'Name', { max: 64 });
  return { ref: name, attributes: { Arn: arn(r, 'scheduler', `schedule-group/${name}`) } };
}

/**
 * Names a secret. As in Secrets Manager, the name ends with six characters. These characters distinguish the secret
 * from an earlier secret with the same name.
 */
function secret(r: Identity): Naming {
  const name = named(r, 'Name', { max: 512 });
  const secretArn = arn(r, 'secretsmanager', `secret:${name}-${stableId(`${r.stackName}/${r.logicalId}`, 6)}`);
  return { ref: secretArn, attributes: { Id: secretArn } };
}

function role(r: Identity): Naming {
  const name = named(r, 'RoleName', { max: 64 });
  return {
    ref: name,
    attributes: {
      Arn: `arn:${r.partition}:iam::${r.accountId}:role/${name}`,
      RoleId: `AROA${stableId(name, 17).toUpperCase()}`,
    },
  };
}

function managedPolicy(r: Identity): Naming {
  const name = named(r, 'ManagedPolicyName', { max: 128 });
  const policyArn = `arn:${r.partition}:iam::${r.accountId}:policy/${name}`;
  return { ref: policyArn, attributes: { PolicyArn: policyArn } };
}

function key(r: Identity): Naming {
  const id = stableUuid(`${r.stackName}/${r.logicalId}`);
  return { ref: id, attributes: { KeyId: id, Arn: arn(r, 'kms', `key/${id}`) } };
}

function lambdaFunction(r: Identity): Naming {
  const name = named(r, 'FunctionName', { max: 64 });
  return { ref: name, attributes: { Arn: arn(r, 'lambda', `function:${name}`) } };
}

/** Returns the names of a version or an alias: the function's ARN with a qualifier. */
function qualified(r: Identity, qualifier: string, attribute: string): Naming {
  const target = String(r.property('FunctionName'));
  const functionArn = target.startsWith('arn:') ? target : arn(r, 'lambda', `function:${target}`);
  const ref = `${functionArn}:${qualifier}`;
  return { ref, attributes: { [attribute]: ref, Version: qualifier } };
}

function layerVersion(r: Identity): Naming {
  const name = named(r, 'LayerName', { max: 140 });
  const layerArn = arn(r, 'lambda', `layer:${name}:1`);
  return { ref: layerArn, attributes: { LayerVersionArn: layerArn } };
}

function eventSourceMapping(r: Identity): Naming {
  const id = stableUuid(`${r.stackName}/${r.logicalId}`);
  return {
    ref: id,
    attributes: { Id: id, EventSourceMappingArn: arn(r, 'lambda', `event-source-mapping:${id}`) },
  };
}

function logGroup(r: Identity): Naming {
  const name = named(r, 'LogGroupName', { max: 512 });
  return { ref: name, attributes: { Arn: arn(r, 'logs', `log-group:${name}:*`) } };
}

function bucket(r: Identity): Naming {
  const name = named(r, 'BucketName', { max: 63, lowerCase: true });
  return {
    ref: name,
    attributes: {
      Arn: `arn:${r.partition}:s3:::${name}`,
      DomainName: `${name}.s3.${r.urlSuffix}`,
      DualStackDomainName: `${name}.s3.dualstack.${r.region}.${r.urlSuffix}`,
      RegionalDomainName: `${name}.s3.${r.region}.${r.urlSuffix}`,
      WebsiteURL: `http://${name}.s3-website-${r.region}.${r.urlSuffix}`,
    },
  };
}

function queue(r: Identity): Naming {
  const suffix = r.property('FifoQueue') === true || r.property('FifoQueue') === 'true' ? '.fifo' : '';
  const given = r.property('QueueName');
  const name =
    typeof given === 'string'
      ? given
      : `${physicalName(r.stackName, r.logicalId, { max: 80 - suffix.length })}${suffix}`;
  const url = `https://sqs.${r.region}.${r.urlSuffix}/${r.accountId}/${name}`;
  return { ref: url, attributes: { Arn: arn(r, 'sqs', name), QueueName: name, QueueUrl: url } };
}
