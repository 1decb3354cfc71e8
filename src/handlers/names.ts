import { createHash } from 'node:crypto';
import { type CfnResource, Names, Stack } from 'aws-cdk-lib';
import { CfnAlias, CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { refusal } from '../validation/errors';

/**
 * Physical names of queues and functions that other functions find by name.
 *
 * Names are derived from the API and the action at synthesis. So no function needs an environment variable per action, and one statement on
 * `<prefix>-*` grants access to all resources.
 */

const PREFIX_CHARS = 28;
const ACTION_CHARS = 22;
const HASH_CHARS = 10;

/** Prefix of all names of one API. It is unique in its account and region, because it contains a hash of the stack's name and the API's path. */
export const namePrefix = (api: IConstruct): string => Names.uniqueResourceName(api, { maxLength: PREFIX_CHARS });

/**
 * Returns the name of one action's queue or function, at most 62 characters. Lambda allows 64 characters; SQS allows 80 including suffixes.
 *
 * @param place stack of the action's resources. An action that moves to another stack gets another name, because CloudFormation creates the new
 * resource before it deletes the old one
 */
export function actionName(prefix: string, action: string, place: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([action, place]))
    .digest('hex')
    .slice(0, HASH_CHARS);
  const readable = action.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, ACTION_CHARS);
  return `${prefix}-${readable}-${hash}`;
}

/** Returns the name of a queue's dead-letter queue. */
export const deadLetterName = (queueName: string): string => `${queueName}-dead`;

/** Property of each resource type that holds its physical name. */
const NAME_PROPERTIES: readonly [type: new (...args: never[]) => CfnResource, property: string][] = [
  [CfnQueue, 'QueueName'],
  [CfnFunction, 'FunctionName'],
  [CfnAlias, 'Name'],
];

/** Returns the name of a priority class's queue. The name differs from the name of every dead-letter queue, and has at most 77 characters. */
export const priorityName = (queueName: string, priority: string): string => `${queueName}-p-${priority}`;

/** A resource and the name by which the code of other functions finds it. */
interface DerivedName {
  readonly resource: CfnResource;
  readonly property: string;
  readonly name: string;
}

const REMEDY =
  'The code and the permissions of other functions contain this name: exclude the resource from the aspect, or remove the override';

/** Physical names of queues and functions that the code of other functions contains. Aspects and overrides must not change them. */
export class DerivedNames {
  private readonly all: DerivedName[] = [];

  /** Records the name of a queue, function or alias. Imported resources are left out, because no template contains their names. */
  public add(construct: IConstruct, name: string): void {
    const resource = construct.node.defaultChild;
    for (const [type, property] of NAME_PROPERTIES) {
      if (resource instanceof type) this.all.push({ resource, property, name });
    }
  }

  /** Records the name of a function that the user has created. An ARN is left out, because it belongs to an imported function. */
  public addFunction(fn: IFunction, name: string | undefined): void {
    if (name !== undefined && !name.startsWith('arn:')) this.add(fn, name);
  }

  /**
   * Returns an error for each resource whose name in the template is not the recorded one. It is called at the end of synthesis, after aspects and
   * overrides.
   */
  public validate(): string[] {
    return this.all.flatMap(({ resource, property, name }) => {
      const got = propertyOf(resource, property);
      if (got === name) return [];
      const path = resource.node.path.replace(/\/Resource$/, '');
      return [refusal(`${property} of ${path}`, `stay '${name}'`, got, REMEDY)];
    });
  }
}

/** Resources by logical id, in a fragment of a template. */
interface Fragment {
  readonly Resources?: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

/** Returns a property's value in the template. The function renders the resource, so that overrides are applied. */
export function propertyOf(resource: CfnResource, property: string): unknown {
  const fragment: Fragment = Stack.of(resource).resolve(resource._toCloudFormation());
  const [rendered] = Object.values(fragment.Resources ?? {});
  return rendered?.Properties?.[property];
}
