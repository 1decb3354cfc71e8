import { type CfnResource, Stack } from 'aws-cdk-lib';
import { CfnAlias, CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { refusal } from '../validation/errors';

/** Property of each resource type that holds its physical name. */
const NAME_PROPERTIES: readonly [type: new (...args: never[]) => CfnResource, property: string][] = [
  [CfnQueue, 'QueueName'],
  [CfnFunction, 'FunctionName'],
  [CfnAlias, 'Name'],
];

/** A resource and the name by which the code of other functions finds it. */
interface DerivedName {
  readonly resource: CfnResource;
  readonly property: string;
  readonly name: string;
}

const REMEDY =
  'The code of other functions and their permissions hold this name: exclude the resource from the aspect, or remove the override';

/** Names of queues and functions that are literals in the code of other functions. Aspects and overrides must not change them. */
export class DerivedNames {
  private readonly all: DerivedName[] = [];

  /** Records the name of a queue, function or alias. Imported resources have no template to compare with. */
  public add(construct: IConstruct, name: string): void {
    const resource = construct.node.defaultChild;
    for (const [type, property] of NAME_PROPERTIES) {
      if (resource instanceof type) this.all.push({ resource, property, name });
    }
  }

  /** Records the name of a function that the user has created. An ARN belongs to an imported function. */
  public addFunction(fn: IFunction, name: string | undefined): void {
    if (name !== undefined && !name.startsWith('arn:')) this.add(fn, name);
  }

  /** Resources whose name in the template is not the recorded one. Known only at the end, after aspects and overrides. */
  public validate(): string[] {
    return this.all.flatMap(({ resource, property, name }) => {
      const got = propertyOf(resource, property);
      if (got === name) return [];
      const path = resource.node.path.replace(/\/Resource$/, '');
      return [refusal(`${property} of ${path}`, `stay '${name}'`, got, REMEDY)];
    });
  }
}

/** Resources of a template fragment by logical id. */
interface Fragment {
  readonly Resources?: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

/** Value of a property in the template: overrides are applied when the resource is rendered. */
function propertyOf(resource: CfnResource, property: string): unknown {
  const fragment: Fragment = Stack.of(resource).resolve(resource._toCloudFormation());
  const [rendered] = Object.values(fragment.Resources ?? {});
  return rendered?.Properties?.[property];
}
