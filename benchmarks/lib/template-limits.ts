import * as fs from 'node:fs';
import * as path from 'node:path';

/** Limits of CloudFormation, IAM, Lambda and SQS that depend on the size of an app. */
export const LIMITS = {
  resources: 500,
  parameters: 200,
  outputs: 200,
  templateBytes: 1_000_000,
  /** Maximum characters of all inline policies of a role, without white space. */
  inlinePolicies: 10_240,
  managedPolicy: 6_144,
  /** Maximum number of managed policies of a role, without a quota increase. */
  attachedPolicies: 10,
  /** Maximum bytes of a function's resource policy, which lists the permitted callers. */
  resourcePolicy: 20_480,
  environmentBytes: 4_096,
  functionName: 64,
  queueName: 80,
} as const;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Parameters?: object;
  readonly Outputs?: object;
}

/**
 * Checks every template of a cloud assembly, including nested ones. Values that are known only at deployment count with their maximum length.
 *
 * It reads only templates, and does not use Streamer's code. So it detects errors in the construct's own estimates.
 *
 * @returns one line for each limit that is exceeded
 */
export function checkAssembly(folder: string): string[] {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  return files.flatMap((name) => {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    return checkTemplate(JSON.parse(text), Buffer.byteLength(text)).map((problem) => `${name}: ${problem}`);
  });
}

/** @param bytes size of the template as it is uploaded */
export function checkTemplate(template: Template, bytes: number): string[] {
  const { Resources = {}, Parameters = {}, Outputs = {} } = template;
  return [
    ...above('resources', Object.keys(Resources).length, LIMITS.resources),
    ...above('parameters', Object.keys(Parameters).length, LIMITS.parameters),
    ...above('outputs', Object.keys(Outputs).length, LIMITS.outputs),
    ...above('bytes', bytes, LIMITS.templateBytes),
    ...checkFunctionsAndQueues(Resources),
    ...exceeding('policies of', inlineSizes(Resources), LIMITS.inlinePolicies),
    ...exceeding('managed policies of', attachedPolicies(Resources), LIMITS.attachedPolicies),
    ...exceeding('resource policy of', resourcePolicySizes(Resources), LIMITS.resourcePolicy),
    ...ofType(Resources, 'AWS::IAM::ManagedPolicy').flatMap(([id, { PolicyDocument }]) =>
      above(`policy ${id}`, longest(PolicyDocument, Resources), LIMITS.managedPolicy),
    ),
  ];
}

type Resources = NonNullable<Template['Resources']>;

const above = (what: string, found: number, limit: number): string[] =>
  found > limit ? [`${what}: ${found}, at most ${limit}`] : [];

/** Returns one line for each sum that exceeds the limit. */
const exceeding = (what: string, found: Sums, limit: number): string[] =>
  [...found].flatMap(([id, sum]) => above(`${what} ${id}`, sum, limit));

function checkFunctionsAndQueues(resources: Resources): string[] {
  const functions = ofType(resources, 'AWS::Lambda::Function').flatMap(([id, { Environment, FunctionName }]) => {
    const { Variables = {} } = (Environment ?? {}) as { Variables?: Record<string, unknown> };
    const size = Object.entries(Variables).reduce((sum, [name, v]) => sum + name.length + longest(v, resources), 0);
    return [
      ...above(`environment of ${id}`, size, LIMITS.environmentBytes),
      ...above(`name of ${id}`, longest(FunctionName ?? '', resources), LIMITS.functionName),
    ];
  });
  const queues = ofType(resources, 'AWS::SQS::Queue').flatMap(([id, { QueueName }]) =>
    above(`name of ${id}`, longest(QueueName ?? '', resources), LIMITS.queueName),
  );
  return [...functions, ...queues];
}

/** Sums by the logical id of the resource. */
type Sums = ReadonlyMap<string, number>;

function sums(parts: Iterable<readonly [id: string, part: number]>): Sums {
  const total = new Map<string, number>();
  for (const [id, part] of parts) total.set(id, (total.get(id) ?? 0) + part);
  return total;
}

/**
 * Returns the characters of the inline policies of each role. They are its own ones, and those of the `AWS::IAM::Policy` resources that refer to it.
 */
function inlineSizes(resources: Resources): Sums {
  const own = ofType(resources, 'AWS::IAM::Role').flatMap(([id, { Policies = [] }]) =>
    (Policies as { PolicyDocument: unknown }[]).map(
      ({ PolicyDocument }) => [id, longest(PolicyDocument, resources)] as const,
    ),
  );
  const beside = ofType(resources, 'AWS::IAM::Policy').flatMap(([, { Roles = [], PolicyDocument }]) =>
    (Roles as Reference[]).map(({ Ref }) => [Ref, longest(PolicyDocument, resources)] as const),
  );
  return sums([...own, ...beside]);
}

/** Returns the number of managed policies of each role. */
function attachedPolicies(resources: Resources): Sums {
  const own = ofType(resources, 'AWS::IAM::Role').map(
    ([id, { ManagedPolicyArns = [] }]) => [id, (ManagedPolicyArns as unknown[]).length] as const,
  );
  const beside = ofType(resources, 'AWS::IAM::ManagedPolicy').flatMap(([, { Roles = [] }]) =>
    (Roles as Reference[]).map(({ Ref }) => [Ref, 1] as const),
  );
  return sums([...own, ...beside]);
}

interface Reference {
  readonly Ref: string;
}

/** Characters that a policy statement has in addition to the values of a permission: keys, the statement's id, and the condition's operator. */
const STATEMENT = 350;

/** Returns the characters of the resource policy of each function or alias. The policy has one statement per permission. */
function resourcePolicySizes(resources: Resources): Sums {
  return sums(
    ofType(resources, 'AWS::Lambda::Permission').map(([, { FunctionName, ...permission }]) => {
      const { Ref, 'Fn::GetAtt': att } = Object(FunctionName) as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
      const size = STATEMENT + longest(FunctionName, resources) + longest(permission, resources);
      return [Ref ?? att?.[0] ?? JSON.stringify(FunctionName), size] as const;
    }),
  );
}

const ofType = (resources: Resources, type: string): [string, Record<string, unknown>][] =>
  Object.entries(resources).flatMap(([id, { Type, Properties = {} }]) => (Type === type ? [[id, Properties]] : []));

/** Maximum length of the value of `Ref`, by resource type. */
const LONGEST_NAMES: Readonly<Record<string, number>> = {
  'AWS::DynamoDB::GlobalTable': 255,
  'AWS::Lambda::Function': 64,
  'AWS::Logs::LogGroup': 512,
  'AWS::SQS::Queue': 80,
  'AWS::IAM::Role': 64,
};
const PSEUDO: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 14,
  'AWS::URLSuffix': 16,
};
/** Characters of an ARN or a URL without the name. */
const AROUND_NAME = 80;
/** Length of `arn:<partition>:lambda:<region>:<account>:function:`. */
const AROUND_FUNCTION = 59;
/** Maximum length of a parameter, which may be the ARN of a table or of a log group. */
const UNKNOWN = 335;

/** Returns the maximum characters of a value as compact JSON. A string counts without its quotes. */
function longest(value: unknown, resources: Resources): number {
  if (typeof value === 'string') return JSON.stringify(value).length - 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + quoted(each, resources) + 1, 1);
  const { Ref, 'Fn::GetAtt': att, 'Fn::Join': join } = value as Record<string, never>;
  if (Ref) return PSEUDO[Ref] ?? ofResource(resources[Ref], false);
  if (att) return ofResource(resources[att[0]], true);
  if (join) {
    const [separator, parts] = join as [string, unknown[]];
    return parts.reduce((sum: number, each) => sum + longest(each, resources) + separator.length, 0);
  }
  if (Object.keys(value).some((key) => key.startsWith('Fn::'))) return UNKNOWN;
  return Object.entries(value).reduce((sum, [key, each]) => sum + key.length + 4 + quoted(each, resources), 1);
}

const quoted = (value: unknown, resources: Resources): number => longest(value, resources) + 2;

function ofResource(resource: Resource | undefined, attribute: boolean): number {
  if (!resource) return UNKNOWN;
  const name = LONGEST_NAMES[resource.Type] ?? 64;
  if (!attribute && resource.Type !== 'AWS::SQS::Queue') return name;
  return name + (resource.Type === 'AWS::Lambda::Function' ? AROUND_FUNCTION : AROUND_NAME);
}
