/** The parts of a CloudFormation template that the local run reads. */
export interface Template {
  readonly Transform?: unknown;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
}

/** A stack in the assembly's manifest, before its values are resolved. */
export interface StackSource {
  /** Name of the stack, which is unique in the assembly. */
  readonly name: string;
  /** Account of the stack: twelve digits, or `000000000000` for a stack without an environment. */
  readonly accountId: string;
  /** Region of the stack; `us-east-1` for a stack without an environment. */
  readonly region: string;
  readonly template: Template;
  readonly assets: AssetIndex;
  /** Construct paths, such as `Stack/Api/Router`, by logical id. Empty if the assembly does not contain them. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Paths of an assembly's assets. */
export interface AssetIndex {
  /** Returns the absolute path of a file or folder by the object key of its upload (`<hash>.zip`). */
  find(objectKey: string): string | undefined;
}

/**
 * A resource whose condition is true. Its values are resolved when they are read, so that they include later changes.
 */
export interface Resource {
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  /** Name of the resource in messages: `Stack/LogicalId`. */
  readonly address: string;
  /** Path of the construct, such as `Stack/Api/Router`; the address if the assembly does not contain the path. */
  readonly path: string;
  /** Returns the value of `Ref`. */
  ref(): string;
  attribute(name: string): string;
  properties(): Record<string, unknown>;
  /** Returns one entry of the resource's Metadata with resolved references. */
  metadata(key: string): unknown;
  /** Returns the absolute path of an asset of the stack by its object key. */
  asset(objectKey: string): string | undefined;
}
