import { type Identity, type Naming, nameResource } from './attributes';
import { evaluateCondition } from './conditions';
import { AssemblyError } from './errors';
import { expectText } from './expect';
import { evaluate, type IntrinsicContext, NO_VALUE } from './intrinsics';
import type { StackSource, TemplateResource } from './types';

/** The parts of other stacks that a stack reads. */
export interface Neighbours {
  /** Returns the value that a stack of the same account and Region exports, or undefined. */
  exported(name: string, importer: StackScope): unknown;
  /** Returns the scope of the nested stack that a resource creates. */
  nested(parent: StackScope, logicalId: string): StackScope | undefined;
  /** Returns the names that a running service has provided. They replace the computed names. */
  provided(address: string): Partial<Naming> | undefined;
  /** Called for each resource that a value refers to. */
  onReference(address: string): void;
  /** Called for each unknown value, such as an attribute of a resource that the local run does not run. */
  onUnknown(stackName: string, path: string, what: string): void;
}

export interface ParentStack {
  readonly scope: StackScope;
  readonly logicalId: string;
}

/** Resolves the values in the template of one stack. */
export class StackScope implements IntrinsicContext {
  private readonly resolving = new Set<string>();

  public constructor(
    public readonly source: StackSource,
    private readonly neighbours: Neighbours,
    private readonly parent?: ParentStack,
  ) {}

  public get name(): string {
    return this.source.name;
  }

  public address(logicalId: string): string {
    return `${this.name}/${logicalId}`;
  }

  /** Returns the logical ids of all resources, except those with a false condition. */
  public logicalIds(): string[] {
    return Object.entries(this.source.template.Resources ?? {})
      .filter(([id, resource]) => this.holds(resource.Condition, `Resources.${id}.Condition`))
      .map(([id]) => id);
  }

  public resource(logicalId: string): TemplateResource | undefined {
    const resources = this.source.template.Resources ?? {};
    return Object.hasOwn(resources, logicalId) ? resources[logicalId] : undefined;
  }

  public properties(logicalId: string): Record<string, unknown> {
    const raw = this.resource(logicalId)?.Properties ?? {};
    return evaluate(raw, this, `Resources.${logicalId}.Properties`) as Record<string, unknown>;
  }

  /** Returns the outputs as strings, except those with a false condition. */
  public outputs(): Record<string, string> {
    const outputs = Object.entries(this.source.template.Outputs ?? {});
    return Object.fromEntries(
      outputs
        .filter(([id, output]) => this.holds(output.Condition, `Outputs.${id}.Condition`))
        .map(([id, output]) => [id, this.text(output.Value, `Outputs.${id}.Value`)]),
    );
  }

  /** Returns the value that the stack exports under a name, or undefined. */
  public exported(name: string): unknown {
    for (const [id, output] of Object.entries(this.source.template.Outputs ?? {})) {
      if (output.Export && this.text(output.Export.Name, `Outputs.${id}.Export.Name`) === name) {
        return this.text(output.Value, `Outputs.${id}.Value`);
      }
    }
    return undefined;
  }

  public holds(condition: string | undefined, path: string): boolean {
    return condition === undefined || this.condition(condition, path);
  }

  public condition(name: string, path: string): boolean {
    const conditions = this.source.template.Conditions ?? {};
    if (!Object.hasOwn(conditions, name)) {
      return this.fail(`there is no condition "${name}" in this stack`, path);
    }
    return this.once(`Conditions.${name}`, path, () => evaluateCondition(conditions[name], this, `Conditions.${name}`));
  }

  public ref(name: string, path: string): unknown {
    if (name.startsWith('AWS::')) {
      return this.pseudoParameter(name, path);
    }
    return Object.hasOwn(this.source.template.Parameters ?? {}, name)
      ? this.parameter(name, path)
      : (this.naming(name, path)?.ref ?? this.unknown(name, 'Ref', path));
  }

  public getAtt(logicalId: string, attribute: string, path: string): unknown {
    const nested = this.neighbours.nested(this, logicalId);
    if (nested && attribute.startsWith('Outputs.')) {
      return nested.output(attribute.slice('Outputs.'.length), path, this);
    }
    const naming = this.naming(logicalId, path);
    if (!naming) {
      return this.unknown(logicalId, attribute, path);
    }
    if (!Object.hasOwn(naming.attributes, attribute)) {
      return this.fail(`${logicalId} (${this.resource(logicalId)?.Type}) has no attribute "${attribute}"`, path);
    }
    return naming.attributes[attribute];
  }

  public importValue(exportName: string, path: string): unknown {
    const value = this.neighbours.exported(exportName, this);
    return value ?? this.fail(`no stack of this assembly exports "${exportName}"`, path);
  }

  public findInMap(map: string, topKey: string, secondKey: string, path: string): unknown {
    const value = lookUp(lookUp(lookUp(this.source.template.Mappings, map), topKey), secondKey);
    return value ?? this.fail(`there is no ${map}.${topKey}.${secondKey} in the stack's mappings`, path);
  }

  public fail(problem: string, path: string): never {
    throw new AssemblyError(problem, this.name, path);
  }

  private output(id: string, path: string, caller: StackScope): string {
    const outputs = this.source.template.Outputs ?? {};
    const output = Object.hasOwn(outputs, id) ? outputs[id] : undefined;
    return output
      ? this.text(output.Value, `Outputs.${id}.Value`)
      : caller.fail(`the nested stack ${this.name} has no output "${id}"`, path);
  }

  private text(value: unknown, path: string): string {
    const resolved = evaluate(value, this, path);
    return Array.isArray(resolved) ? resolved.join(',') : expectText(resolved, this, path);
  }

  private parameter(name: string, path: string): unknown {
    const parameter = this.source.template.Parameters?.[name];
    const given = this.parent?.scope.nestedParameter(this.parent.logicalId, name);
    const value = given ?? parameter?.Default;
    if (value === undefined) {
      return this.fail(`the parameter "${name}" has no default`, path);
    }
    if (parameter?.Type.startsWith('AWS::SSM::Parameter::')) {
      this.neighbours.onUnknown(this.name, path, `the SSM parameter ${String(value)}`);
    }
    const isList = parameter?.Type === 'CommaDelimitedList' || parameter?.Type.startsWith('List<');
    return isList && typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
  }

  private nestedParameter(logicalId: string, name: string): unknown {
    const parameters = (this.resource(logicalId)?.Properties?.Parameters ?? {}) as Record<string, unknown>;
    const path = `Resources.${logicalId}.Properties.Parameters.${name}`;
    return Object.hasOwn(parameters, name)
      ? this.once(path, path, () => evaluate(parameters[name], this, path))
      : undefined;
  }

  private pseudoParameter(name: string, path: string): unknown {
    const { accountId, region } = this.source;
    const values = new Map<string, unknown>([
      ['AWS::AccountId', accountId],
      ['AWS::NoValue', NO_VALUE],
      ['AWS::NotificationARNs', []],
      ['AWS::Partition', partitionOf(region)],
      ['AWS::Region', region],
      ['AWS::StackId', `arn:${partitionOf(region)}:cloudformation:${region}:${accountId}:stack/${this.name}/local`],
      ['AWS::StackName', this.name],
      ['AWS::URLSuffix', region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'],
    ]);
    return values.has(name) ? values.get(name) : this.fail(`there is no pseudo parameter "${name}"`, path);
  }

  private naming(logicalId: string, path: string): Naming | undefined {
    const resource = this.resource(logicalId);
    if (!resource) {
      return this.fail(`there is no resource or parameter "${logicalId}" in this stack`, path);
    }
    if (!this.holds(resource.Condition, `Resources.${logicalId}.Condition`)) {
      return this.fail(`"${logicalId}" is not created: its condition "${resource.Condition}" is false`, path);
    }
    const address = this.address(logicalId);
    this.neighbours.onReference(address);
    const names = this.once(address, path, () => nameResource(resource.Type, this.identity(logicalId, resource)));
    return names && merge(names, this.neighbours.provided(address));
  }

  private identity(logicalId: string, resource: TemplateResource): Identity {
    const { accountId, region } = this.source;
    return {
      stackName: this.name,
      logicalId,
      accountId,
      region,
      partition: partitionOf(region),
      urlSuffix: region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com',
      property: (name) => {
        const value = evaluate(resource.Properties?.[name], this, `Resources.${logicalId}.Properties.${name}`);
        return value === NO_VALUE ? undefined : value;
      },
    };
  }

  private unknown(logicalId: string, attribute: string, path: string): string {
    this.neighbours.onUnknown(this.name, path, `${attribute} of ${logicalId} (${this.resource(logicalId)?.Type})`);
    return attribute === 'Ref' ? logicalId : `${logicalId}.${attribute}`;
  }

  /** Resolves a value, and refuses a value that depends on itself. */
  private once<T>(key: string, path: string, resolve: () => T): T {
    if (this.resolving.has(key)) {
      return this.fail(`circular reference: ${[...this.resolving, key].join(' → ')}`, path);
    }
    this.resolving.add(key);
    try {
      return resolve();
    } finally {
      this.resolving.delete(key);
    }
  }
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function merge(names: Naming, provided: Partial<Naming> = {}): Naming {
  return { ref: provided.ref ?? names.ref, attributes: { ...names.attributes, ...provided.attributes } };
}

function lookUp(map: unknown, key: string): unknown {
  return typeof map === 'object' && map !== null && Object.hasOwn(map, key)
    ? (map as Record<string, unknown>)[key]
    : undefined;
}
