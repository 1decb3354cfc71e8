/** Support of the local run for a resource type. */
export interface TypeSupport {
  /**
   * Paths of the properties that the local run reads. `*` matches any key or index. A path includes all properties
   * below it.
   */
  readonly read: readonly string[];
  /** Properties that have no effect on one machine. */
  readonly ignored: readonly string[];
}

const WITHOUT_EFFECT = ['Tags', 'Description'];

function support(read: readonly string[], ignored: readonly string[] = []): TypeSupport {
  return { read, ignored: [...ignored, ...WITHOUT_EFFECT].sort() };
}

const TABLE_READ = [
  'AttributeDefinitions',
  'GlobalSecondaryIndexes.*.IndexName',
  'GlobalSecondaryIndexes.*.KeySchema',
  'GlobalSecondaryIndexes.*.Projection',
  'KeySchema',
  'LocalSecondaryIndexes',
  'StreamSpecification.StreamViewType',
  'TableName',
  'TimeToLiveSpecification',
];

const TABLE_IGNORED = [
  'BillingMode',
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'GlobalSecondaryIndexes.*.ContributorInsightsSpecification',
  'GlobalSecondaryIndexes.*.ProvisionedThroughput',
  'GlobalSecondaryIndexes.*.WarmThroughput',
  'PointInTimeRecoverySpecification',
  'ProvisionedThroughput',
  'ResourcePolicy',
  'SSESpecification',
  'StreamSpecification.ResourcePolicy',
  'TableClass',
  'WarmThroughput',
];

/** The resource types that the local run emulates, with their properties. Any other property causes a warning. */
export const SUPPORTED: ReadonlyMap<string, TypeSupport> = new Map([
  [
    'AWS::ApiGatewayV2::Api',
    support(
      ['ProtocolType', 'RouteSelectionExpression'],
      ['DisableExecuteApiEndpoint', 'IpAddressType', 'Name', 'Version'],
    ),
  ],
  [
    'AWS::ApiGatewayV2::Authorizer',
    support(['ApiId', 'AuthorizerType', 'AuthorizerUri', 'IdentitySource'], ['AuthorizerCredentialsArn', 'Name']),
  ],
  [
    'AWS::ApiGatewayV2::Integration',
    support(
      ['ApiId', 'IntegrationType', 'IntegrationUri', 'RequestTemplates', 'TimeoutInMillis'],
      [
        'CredentialsArn',
        'IntegrationMethod',
        'PassthroughBehavior',
        'PayloadFormatVersion',
        'TemplateSelectionExpression',
      ],
    ),
  ],
  ['AWS::ApiGatewayV2::IntegrationResponse', support(['ApiId', 'IntegrationId', 'IntegrationResponseKey'])],
  [
    'AWS::ApiGatewayV2::Route',
    support(
      ['ApiId', 'AuthorizationType', 'AuthorizerId', 'RouteKey', 'RouteResponseSelectionExpression', 'Target'],
      ['OperationName'],
    ),
  ],
  ['AWS::ApiGatewayV2::RouteResponse', support(['ApiId', 'RouteId', 'RouteResponseKey'])],
  [
    'AWS::ApiGatewayV2::Stage',
    support(
      [
        'AccessLogSettings.Format',
        'ApiId',
        'DefaultRouteSettings.ThrottlingBurstLimit',
        'DefaultRouteSettings.ThrottlingRateLimit',
        'StageName',
      ],
      [
        'AccessLogSettings.DestinationArn',
        'AutoDeploy',
        'DefaultRouteSettings.DataTraceEnabled',
        'DefaultRouteSettings.DetailedMetricsEnabled',
        'DefaultRouteSettings.LoggingLevel',
        'DeploymentId',
      ],
    ),
  ],
  [
    'AWS::DynamoDB::GlobalTable',
    support(TABLE_READ, [
      ...TABLE_IGNORED,
      'GlobalSecondaryIndexes.*.WriteOnDemandThroughputSettings',
      'GlobalSecondaryIndexes.*.WriteProvisionedThroughputSettings',
      'Replicas',
      'WriteProvisionedThroughputSettings',
    ]),
  ],
  ['AWS::DynamoDB::Table', support(TABLE_READ, TABLE_IGNORED)],
  ['AWS::Events::EventBus', support(['Name'], ['KmsKeyIdentifier', 'LogConfig', 'Policy'])],
  [
    'AWS::Events::Rule',
    support(
      [
        'EventBusName',
        'EventPattern',
        'Name',
        'ScheduleExpression',
        'State',
        'Targets.*.Arn',
        'Targets.*.DeadLetterConfig.Arn',
        'Targets.*.Input',
        'Targets.*.InputPath',
        'Targets.*.InputTransformer.InputPathsMap',
        'Targets.*.InputTransformer.InputTemplate',
        'Targets.*.SqsParameters.MessageGroupId',
      ],
      ['RoleArn', 'Targets.*.Id', 'Targets.*.RetryPolicy', 'Targets.*.RoleArn'],
    ),
  ],
  [
    'AWS::Lambda::Alias',
    // provisioned concurrency has no effect, because there is only one version and its environments stay warm
    support(['FunctionName', 'FunctionVersion', 'Name'], ['ProvisionedConcurrencyConfig']),
  ],
  [
    'AWS::Lambda::EventInvokeConfig',
    support(['DestinationConfig.OnFailure.Destination', 'FunctionName', 'MaximumRetryAttempts'], ['Qualifier']),
  ],
  [
    'AWS::Lambda::EventSourceMapping',
    support(
      [
        'BatchSize',
        'BisectBatchOnFunctionError',
        'DestinationConfig.OnFailure.Destination',
        'Enabled',
        'EventSourceArn',
        'FilterCriteria.Filters.*.Pattern',
        'FunctionName',
        'FunctionResponseTypes',
        'MaximumBatchingWindowInSeconds',
        'MaximumRecordAgeInSeconds',
        'MaximumRetryAttempts',
        'ParallelizationFactor',
        'ScalingConfig.MaximumConcurrency',
        'StartingPosition',
      ],
      ['KmsKeyArn', 'MetricsConfig'],
    ),
  ],
  [
    'AWS::Lambda::Function',
    support(
      [
        'Code.ImageUri',
        'Code.S3Key',
        'Code.ZipFile',
        'DeadLetterConfig.TargetArn',
        'Environment.Variables',
        'FunctionName',
        'Handler',
        'Layers',
        'LoggingConfig.ApplicationLogLevel',
        'LoggingConfig.LogFormat',
        'LoggingConfig.LogGroup',
        'MemorySize',
        'ReservedConcurrentExecutions',
        'Runtime',
        'Timeout',
      ],
      [
        'Architectures',
        'Code.S3Bucket',
        'Code.S3ObjectVersion',
        'Code.SourceKMSKeyArn',
        'CodeSigningConfigArn',
        'EphemeralStorage',
        'KmsKeyArn',
        'LoggingConfig.SystemLogLevel',
        'PackageType',
        'RecursiveLoop',
        'Role',
        'RuntimeManagementConfig',
        'TracingConfig',
        'VpcConfig',
      ],
    ),
  ],
  [
    'AWS::Lambda::LayerVersion',
    support(
      ['Content.S3Key', 'LayerName'],
      ['CompatibleArchitectures', 'CompatibleRuntimes', 'Content.S3Bucket', 'Content.S3ObjectVersion', 'LicenseInfo'],
    ),
  ],
  [
    'AWS::Lambda::Version',
    support(['FunctionName'], ['CodeSha256', 'FunctionScalingConfig', 'ProvisionedConcurrencyConfig', 'RuntimePolicy']),
  ],
  [
    'AWS::Logs::LogGroup',
    support(
      ['LogGroupName'],
      [
        'DataProtectionPolicy',
        'DeletionProtectionEnabled',
        'FieldIndexPolicies',
        'KmsKeyId',
        'LogGroupClass',
        'RetentionInDays',
      ],
    ),
  ],
  [
    'AWS::S3::Bucket',
    support(
      ['BucketName', 'CorsConfiguration.CorsRules'],
      [
        'AbacStatus',
        'BucketEncryption',
        'LifecycleConfiguration',
        'LoggingConfiguration',
        'MetricsConfigurations',
        'OwnershipControls',
        'PublicAccessBlockConfiguration',
      ],
    ),
  ],
  [
    'AWS::Scheduler::Schedule',
    support(
      [
        'EndDate',
        'GroupName',
        'Name',
        'ScheduleExpression',
        'ScheduleExpressionTimezone',
        'StartDate',
        'State',
        'Target.Arn',
        'Target.DeadLetterConfig.Arn',
        'Target.Input',
        'Target.RetryPolicy.MaximumEventAgeInSeconds',
        'Target.RetryPolicy.MaximumRetryAttempts',
        'Target.SqsParameters.MessageGroupId',
      ],
      ['FlexibleTimeWindow', 'KmsKeyArn', 'Target.RoleArn'],
    ),
  ],
  ['AWS::Scheduler::ScheduleGroup', support(['Name'])],
  [
    'AWS::SecretsManager::Secret',
    support(['GenerateSecretString', 'Name', 'SecretString'], ['KmsKeyId', 'ReplicaRegions', 'Type']),
  ],
  [
    'AWS::SQS::Queue',
    support(
      [
        'ContentBasedDeduplication',
        'DeduplicationScope',
        'DelaySeconds',
        'FifoQueue',
        'MaximumMessageSize',
        'MessageRetentionPeriod',
        'QueueName',
        'ReceiveMessageWaitTimeSeconds',
        'RedrivePolicy.deadLetterTargetArn',
        'RedrivePolicy.maxReceiveCount',
        'VisibilityTimeout',
      ],
      [
        'FifoThroughputLimit',
        'KmsDataKeyReusePeriodSeconds',
        'KmsMasterKeyId',
        'RedriveAllowPolicy',
        'SqsManagedSseEnabled',
      ],
    ),
  ],
]);

/** Returns the paths of properties that the local run does not read and must not ignore without a warning. */
export function unsupportedProperties(type: string, properties: unknown): string[] {
  const known = SUPPORTED.get(type);
  return known ? collect(properties, [], [...known.read, ...known.ignored].map(segments)) : [];
}

/** Whether a property has no effect on one machine, for all its values. */
export function isIgnored(type: string, property: readonly string[]): boolean {
  const ignored = SUPPORTED.get(type)?.ignored.map(segments) ?? [];
  return ignored.some((pattern) => pattern.length <= property.length && matches(pattern, property));
}

function segments(path: string): string[] {
  return path.split('.');
}

function collect(value: unknown, path: string[], known: string[][]): string[] {
  if (known.some((pattern) => pattern.length === path.length && matches(pattern, path))) {
    return [];
  }
  const leadsOn = known.some((pattern) => pattern.length > path.length && matches(pattern, path));
  if (!leadsOn || typeof value !== 'object' || value === null) {
    return [path.join('.')];
  }
  return Object.entries(value).flatMap(([key, item]) => collect(item, [...path, key], known));
}

/** Whether a path matches a pattern. If the path or the pattern is longer, its additional segments are ignored. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.every((segment, i) => i >= path.length || segment === '*' || segment === path[i]);
}
