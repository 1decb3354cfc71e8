import { createHash } from 'node:crypto';
import { CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { refusal } from '../validation/errors';

/** Maximum number of nested stacks for the handlers of an API. */
export const MAX_HANDLER_STACKS = 100;

/** Stack and scope in which an action's resources are created. */
export interface Place {
  readonly scope: Construct;
  /** String that is unique per stack of the API; empty for the API's own stack. */
  readonly place: string;
}

/**
 * The nested stacks that contain the actions' resources. They are needed because CloudFormation allows 500 resources per stack, and an async action
 * has nine.
 */
export class HandlerStacks {
  private readonly stacks = new Map<number, NestedStack>();

  public constructor(
    private readonly api: Construct,
    private readonly count: number,
  ) {}

  /** Returns the stack of an action. The choice depends only on the action's name and on the number of stacks, never on other actions. */
  public scopeOf(action: string): Place {
    if (this.count === 0) return { scope: this.api, place: '' };
    const index = jumpHash(action, this.count);
    return { scope: this.stack(index), place: `stack ${index}` };
  }

  private stack(index: number): NestedStack {
    const existing = this.stacks.get(index);
    if (existing) return existing;
    const stack = new NestedStack(this.api, `Handlers${index}`, {
      description: `Streamer: functions and queues of handlers, part ${index + 1}`,
    });
    this.stacks.set(index, stack);
    return stack;
  }
}

/** 2^31, the upper bound of the generator's numbers. */
const RANGE = 2147483648;
const MASK = (1n << 64n) - 1n;

/**
 * Chooses a bucket for a key by the jump consistent hash of Lamping and Veach. If one bucket is added, the only keys that move are those that move
 * into the new bucket.
 *
 * @param buckets at least 1
 */
export function jumpHash(key: string, buckets: number): number {
  let state = createHash('sha256').update(key).digest().readBigUInt64BE();
  let [bucket, next] = [-1, 0];
  while (next < buckets) {
    bucket = next;
    state = (state * 2862933555777941757n + 1n) & MASK;
    next = Math.floor((bucket + 1) * (RANGE / (Number(state >> 33n) + 1)));
  }
  return bucket;
}

/** CloudFormation's limit of resources in a stack. */
const MAX_RESOURCES = 500;

/** The constructs with the resources of each action. */
type ActionConstructs = ReadonlyMap<string, IConstruct>;

/**
 * Refuses an API whose handlers make a stack larger than CloudFormation allows, and reports the number of nested stacks that they need.
 *
 * If a stack is too large even without the handlers, the CDK's own check reports it.
 */
export function checkStackSizes(actions: ActionConstructs, handlerStacks: number): string[] {
  const largest = largestStack(actions);
  if (largest === undefined || largest <= MAX_RESOURCES) return [];
  const sizes = new Map([...actions].map(([action, construct]) => [action, resourcesIn(construct)]));
  const needed = stacksFor(sizes, handlerStacks + 1);
  const must = needed === undefined ? 'leave room for the handlers of the API' : `be at least ${needed}`;
  const remedy =
    needed === undefined
      ? `${MAX_HANDLER_STACKS} nested stacks are not enough: divide the handlers between two APIs`
      : `A stack would have ${largest} resources, but CloudFormation allows ${MAX_RESOURCES}: move the resources of handlers to nested stacks`;
  return [refusal('handlerStacks', must, handlerStacks, remedy)];
}

/** Returns the number of resources in the largest stack that contains handlers. */
function largestStack(actions: ActionConstructs): number | undefined {
  const stacks = new Set([...actions.values()].map((construct) => Stack.of(construct)));
  const sizes = [...stacks].map((stack) => resourcesOf(stack));
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/** Returns the number of resources in a stack, without those of its nested stacks. */
const resourcesOf = (stack: Stack): number =>
  stack.node.findAll().filter((each) => CfnResource.isCfnResource(each) && each.stack === stack).length;

const resourcesIn = (construct: IConstruct): number =>
  construct.node.findAll().filter(CfnResource.isCfnResource).length;

/** Returns the smallest number of stacks with which no stack is too large. The number is at least `from`. */
function stacksFor(sizes: ReadonlyMap<string, number>, from: number): number | undefined {
  for (let count = from; count <= MAX_HANDLER_STACKS; count++) {
    const stacks = Array.from({ length: count }, () => 0);
    for (const [action, size] of sizes) stacks[jumpHash(action, count)] += size;
    if (Math.max(...stacks) <= MAX_RESOURCES) return count;
  }
  return undefined;
}
