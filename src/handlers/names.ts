import { createHash } from 'node:crypto';
import { type CfnResource, Names, Stack } from 'aws-cdk-lib';
import { CfnAlias, CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { refusal } from '../validation/errors';

/**
 * Physical names of queues and functions that other functions find by name.
 *
 * A name is derived from the API and the action at synthesis. A function therefore needs no environment variable per action, and one statement on `<prefix>-*`
 * grants access to all of them.
 */

const PREFIX_CHARS = 28;
const ACTION_CHARS = 22;
const HASH_CHARS = 10;

/** Prefix of all names of one API, unique in its account and region: the stack's name and the path of the API are part of its hash. */
export const namePrefix = (api: IConstruct): string => Names.uniqueResourceName(api, { maxLength: PREFIX_CHARS });

/**
 * Name of a queue or function of one action, at most 62 characters: Lambda allows 64, SQS 80 including suffixes.
 *
 * @param place location of the action's resources. An action that moves to another stack gets another name, since CloudFormation creates the new resource
 *   before it deletes the old one
 */
export function actionName(prefix: string, action: string, place: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([action, place]))
    .digest('hex')
    .slice(0, HASH_CHARS);
  const readable = action.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, ACTION_CHARS);
  return `${prefix}-${readable}-${hash}`;
}

/** Name of the dead-letter queue that belongs to a queue. */
export const deadLetterName = (queueName: string): string => `${queueName}-dead`;

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
  'The code and the permissions of other functions contain this name: exclude the resource from the aspect, or remove the override';

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
