import { CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refusal } from '../validation/errors';
import { jumpHash, MAX_HANDLER_STACKS } from './handler-stacks';

/** CloudFormation's limit of resources in a stack. */
const MAX_RESOURCES = 500;

/** The constructs with the resources of each action. */
export type ActionConstructs = ReadonlyMap<string, IConstruct>;

/**
 * Refuses an API whose handlers make a stack larger than CloudFormation allows, and reports how many nested stacks they need.
 *
 * A stack that is too large without the handlers is left to the CDK's own check.
 */
export function checkStackSizes(actions: ActionConstructs, handlerStacks: number): string[] {
  const largest = largestStack(actions);
  if (largest === undefined || largest <= MAX_RESOURCES) return [];
  const sizes = new Map([...actions].map(([action, construct]) => [action, resourcesIn(construct)]));
  const needed = stacksFor(sizes, handlerStacks + 1);
  const must = needed === undefined ? 'leave room for the handlers of the API' : `be at least ${needed}`;
  const mend =
    needed === undefined
      ? `${MAX_HANDLER_STACKS} nested stacks do not hold them: spread them over two APIs`
      : `A stack would have ${largest} resources, of which CloudFormation allows ${MAX_RESOURCES}: nested stacks take those of handlers`;
  return [refusal('handlerStacks', must, handlerStacks, mend)];
}

/** Resources of the largest stack with handlers in it. */
function largestStack(actions: ActionConstructs): number | undefined {
  const stacks = new Set([...actions.values()].map((construct) => Stack.of(construct)));
  const sizes = [...stacks].map((stack) => resourcesOf(stack));
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/** Number of resources of one stack, without those of its nested stacks. */
const resourcesOf = (stack: Stack): number =>
  stack.node.findAll().filter((each) => CfnResource.isCfnResource(each) && each.stack === stack).length;

const resourcesIn = (construct: IConstruct): number =>
  construct.node.findAll().filter(CfnResource.isCfnResource).length;

/** The smallest number of stacks, starting at a given number, of which none becomes too large. */
function stacksFor(sizes: ReadonlyMap<string, number>, from: number): number | undefined {
  for (let count = from; count <= MAX_HANDLER_STACKS; count++) {
    const stacks = Array.from({ length: count }, () => 0);
    for (const [action, size] of sizes) stacks[jumpHash(action, count)] += size;
    if (Math.max(...stacks) <= MAX_RESOURCES) return count;
  }
  return undefined;
}
