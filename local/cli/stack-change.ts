import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { METADATA } from '../../src/contract';

type Properties = Readonly<Record<string, unknown>>;

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly Metadata?: Properties;
}

/** The part of a stack's template that affects a run. */
export interface StackTemplate {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly [section: string]: unknown;
}

/** Readable names of resource types. */
const KINDS = new Map([
  ['AWS::ApiGatewayV2::Api', 'API'],
  ['AWS::ApiGatewayV2::Route', 'route'],
  ['AWS::DynamoDB::GlobalTable', 'table'],
  ['AWS::DynamoDB::Table', 'table'],
  ['AWS::Events::Rule', 'rule'],
  ['AWS::Lambda::EventSourceMapping', 'event source mapping'],
  ['AWS::Lambda::Function', 'function'],
  ['AWS::S3::Bucket', 'bucket'],
  ['AWS::SQS::Queue', 'queue'],
  ['AWS::Scheduler::Schedule', 'schedule'],
  ['AWS::SecretsManager::Secret', 'secret'],
]);

/**
 * Reads the templates of an assembly, including the templates of nested stacks.
 *
 * @returns the templates by file
 */
export function stacksOf(assemblyDir: string): ReadonlyMap<string, StackTemplate> {
  const files = readdirSync(assemblyDir, { recursive: true, encoding: 'utf8' });
  const templates = files.filter((file) => file.endsWith('.template.json')).sort();
  return new Map(
    templates.map((file) => [file, JSON.parse(readFileSync(path.join(assemblyDir, file), 'utf8')) as StackTemplate]),
  );
}

/**
 * Describes the changes between two syntheses of an app, in one line per kind of change. Returns no lines if both
 * syntheses give equal runs. The code of functions that the session bundles again does not count as a change.
 */
export function describeStackChange(
  before: ReadonlyMap<string, StackTemplate>,
  after: ReadonlyMap<string, StackTemplate>,
): string[] {
  const old = resourcesOf(before);
  const now = resourcesOf(after);
  const added = [...now].filter(([address]) => !old.has(address));
  const removed = [...old].filter(([address]) => !now.has(address));
  const changed = [...now].filter(([address, resource]) => {
    const earlier = old.get(address);
    return earlier !== undefined && comparable(earlier) !== comparable(resource);
  });
  const lines = [...listed('new', added), ...listed('changed', changed), ...listed('removed', removed)];
  if (lines.length > 0) return lines;
  return othersOf(before) === othersOf(after) ? [] : ['changed: outputs or parameters'];
}

function resourcesOf(stacks: ReadonlyMap<string, StackTemplate>): Map<string, TemplateResource> {
  const all = [...stacks].flatMap(([file, { Resources = {} }]) =>
    Object.entries(Resources).map(
      ([id, resource]) => [`${path.basename(file, '.template.json')}/${id}`, resource] as const,
    ),
  );
  return new Map(all);
}

/** Omits metadata for other tools, and the code of functions that the session bundles again. */
function comparable({ Type, Properties = {}, Metadata = {}, ...rest }: TemplateResource): string {
  const { [METADATA.bundle]: bundle, ...described } = Metadata;
  const metadata = Object.entries(described).filter(([name]) => !name.startsWith('aws:'));
  const { Code, ...properties } = Properties;
  return JSON.stringify([Type, bundle === undefined ? Properties : properties, metadata, rest]);
}

function othersOf(stacks: ReadonlyMap<string, StackTemplate>): string {
  return JSON.stringify([...stacks].map(([file, { Resources, ...others }]) => [file, others]));
}

/**
 * Describes changed resources in one line, such as `new: queue Jobs`. Resources of other kinds, such as permissions,
 * are only counted.
 */
function listed(word: string, resources: readonly (readonly [string, TemplateResource])[]): string[] {
  if (resources.length === 0) return [];
  const named = resources.flatMap(([address, { Type, Metadata }]) => {
    const kind = KINDS.get(Type);
    return kind === undefined ? [] : [`${kind} ${nameOf(address, Metadata)}`];
  });
  const others = resources.length - named.length;
  const rest = others === 0 ? [] : [`${others} other resource${others === 1 ? '' : 's'}`];
  return [`${word}: ${[...named, ...rest].join(', ')}`];
}

function nameOf(address: string, metadata: Properties = {}): string {
  const at = metadata['aws:cdk:path'];
  // without a path, the function returns the logical id without the CDK's hash
  if (typeof at !== 'string') return address.replace(/(?<=[^/])[0-9A-F]{8}$/, '');
  return at
    .split('/')
    .slice(1)
    .join('/')
    .replace(/\/(Resource|Default)$/, '');
}
