import { createHash } from 'node:crypto';
import { NestedStack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Nested stacks that an API may have for its handlers. */
export const MAX_HANDLER_STACKS = 100;

/** Location of an action's resources. */
export interface Place {
  readonly scope: Construct;
  /** Unique per stack; empty for the API's own stack. */
  readonly place: string;
}

/** The nested stacks that actions are distributed over: CloudFormation allows 500 resources per stack, and an async action has nine. */
export class HandlerStacks {
  private readonly stacks = new Map<number, NestedStack>();

  public constructor(
    private readonly api: Construct,
    private readonly count: number,
  ) {}

  /** The stack of an action. It depends on the action's name and on the number of stacks alone, never on other actions. */
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

/** 2^31: the generator's range. */
const RANGE = 2147483648;
const MASK = (1n << 64n) - 1n;

/**
 * Bucket of a key by the jump consistent hash of Lamping and Veach: with one more bucket, only keys that move into the new bucket change.
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
