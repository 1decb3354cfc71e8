import * as path from 'node:path';
import type { Naming } from './attributes';
import { evaluate } from './intrinsics';
import { readTemplate } from './manifest';
import { type Neighbours, type ParentStack, StackScope } from './stack-scope';
import type { StackSource } from './types';

/** A value that is unknown, and the path at which it is used. */
export interface UnknownValue {
  readonly stackName: string;
  readonly path: string;
  readonly what: string;
}

/** All stacks of an assembly, including nested stacks, with the values that they import from each other. */
export class Universe implements Neighbours {
  public readonly scopes: StackScope[] = [];
  private readonly nestedScopes = new Map<string, StackScope>();
  private readonly names = new Map<string, Partial<Naming>>();
  private references: Set<string> | undefined;
  private unknowns: UnknownValue[] = [];

  public constructor(sources: readonly StackSource[]) {
    for (const source of sources) {
      this.add(source);
    }
  }

  public provide(address: string, naming: Partial<Naming>): void {
    this.names.set(address, naming);
  }

  /**
   * Runs `resolve`.
   *
   * @returns the addresses of the resources to which the resolved values refer, and the unknown values
   */
  public observe(resolve: () => void): { references: Set<string>; unknowns: UnknownValue[] } {
    const references = new Set<string>();
    this.references = references;
    this.unknowns = [];
    try {
      resolve();
      return { references, unknowns: this.unknowns };
    } finally {
      this.references = undefined;
    }
  }

  public exported(name: string, importer: StackScope): unknown {
    const { accountId, region } = importer.source;
    const neighbours = this.scopes.filter(({ source }) => source.accountId === accountId && source.region === region);
    return neighbours.map((scope) => scope.exported(name)).find((value) => value !== undefined);
  }

  public nested(parent: StackScope, logicalId: string): StackScope | undefined {
    return this.nestedScopes.get(parent.address(logicalId));
  }

  public provided(address: string): Partial<Naming> | undefined {
    return this.names.get(address);
  }

  public onReference(address: string): void {
    this.references?.add(address);
  }

  public onUnknown(stackName: string, at: string, what: string): void {
    this.unknowns.push({ stackName, path: at, what });
  }

  private add(source: StackSource, parent?: ParentStack): StackScope {
    const scope = new StackScope(source, this, parent);
    this.scopes.push(scope);
    for (const logicalId of scope.logicalIds()) {
      if (scope.resource(logicalId)?.Type === 'AWS::CloudFormation::Stack') {
        this.addNested(scope, logicalId);
      }
    }
    return scope;
  }

  private addNested(parent: StackScope, logicalId: string): void {
    const at = `Resources.${logicalId}.Properties.TemplateURL`;
    const url = String(evaluate(parent.resource(logicalId)?.Properties?.TemplateURL, parent, at));
    const file = parent.source.assets.find(path.posix.basename(url));
    if (file === undefined) {
      parent.fail(`the nested stack's template is not in the assembly: ${url}`, at);
    }
    const source = { ...parent.source, name: `${parent.name}-${logicalId}`, template: readTemplate(file) };
    this.nestedScopes.set(parent.address(logicalId), this.add(source, { scope: parent, logicalId }));
  }
}
