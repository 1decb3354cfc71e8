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

/** A stack as the assembly's manifest lists it, before anything is resolved. */
export interface StackSource {
  /** The stack's name; unique in one assembly. */
  readonly name: string;
  /** Twelve digits; `000000000000` for a stack without an environment. */
  readonly accountId: string;
  /** `us-east-1` for a stack without an environment. */
  readonly region: string;
  readonly template: Template;
  readonly assets: AssetIndex;
  /** Construct paths (`Stack/Api/Router`) by logical id, where the assembly has them. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Paths of an assembly's assets by the keys that templates use. */
export interface AssetIndex {
  /** Absolute path of a file or directory, by the object key of its upload (`<hash>.zip`). */
  find(objectKey: string): string | undefined;
}

/** A resource whose condition holds. Its values are resolved when they are read, so that they include later changes. */
export interface Resource {
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  /** Name in messages: `Stack/LogicalId`. */
  readonly address: string;
  /** The construct's path, for instance `Stack/Api/Router`; the address if the assembly does not contain the path. */
  readonly path: string;
  /** The value of `Ref`. */
  ref(): string;
  attribute(name: string): string;
  properties(): Record<string, unknown>;
  /** One entry of the resource's Metadata, resolved. */
  metadata(key: string): unknown;
  /** Absolute path of an asset of the stack, by its object key. */
  asset(objectKey: string): string | undefined;
}
