import { type CfnResource, Lazy } from 'aws-cdk-lib';
import { Code, type CodeConfig, type ResourceBindOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundling/bundles';
import { type BundledAction, type BundledParts, handlerBundles } from '../bundling/handler-bundles';
import { reject } from '../validation/errors';
import { refuseToken } from '../validation/rules';

/** The form of an action's name: a letter, then letters, digits, `_`, `.` and `-`, 64 characters at most. */
const ACTION = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/**
 * The handlers of an API. They can be added until synthesis starts. Then all functions that contain or list handlers are bundled in one run.
 *
 * `all` is sorted by the actions' names, so that the order in which handlers are added does not change the bundles.
 */
export class Handlers {
  private readonly byAction = new Map<string, BundledAction>();
  private readonly codes: DeferredCode[] = [];
  private built?: Bundles;

  public constructor(
    private readonly scope: Construct,
    private readonly projectRoot: string,
    private readonly parts: Omit<BundledParts, 'handlers'>,
  ) {}

  public get all(): BundledAction[] {
    return [...this.byAction.values()].sort((a, b) => (a.action < b.action ? -1 : 1));
  }

  /** Refuses an action that cannot be added. It is called before anything is created for the action. */
  public admit(action: string): void {
    this.refuseLate(action);
    refuseToken('handlers', action, 'Use constants: the names of the actions become part of code');
    if (typeof action !== 'string' || !ACTION.test(action)) {
      reject(
        'handlers',
        "have names of a letter, then letters, digits, '_', '.' or '-', at most 64 characters",
        action,
      );
    }
    // A lookup by such a name would find a property that every object inherits.
    if (action in {}) reject('handlers', 'have names that no JavaScript object inherits', action);
    if (this.byAction.has(action)) {
      reject('addHandler', 'be called with an action that has no handler yet', action, 'Each action has one handler');
    }
  }

  public register(handler: BundledAction): void {
    this.byAction.set(handler.action, handler);
  }

  /**
   * Returns the code of a function. The code is created at the start of synthesis.
   *
   * @param name name of the bundle
   */
  public code(name: string): Code {
    const code = new DeferredCode(() => this.bundles.code(name));
    this.codes.push(code);
    return code;
  }

  /** Creates the code of all functions. No handler can be added afterwards. */
  public settle(): void {
    if (this.byAction.size === 0) reject('handlers', 'have at least one action', {}, 'Or add one by `addHandler`');
    for (const code of this.codes) code.settle();
  }

  private get bundles(): Bundles {
    this.built ??= handlerBundles(this.scope, this.projectRoot, { handlers: this.all, ...this.parts });
    return this.built;
  }

  private refuseLate(action: string): void {
    if (!this.built) return;
    const remedy = 'The code of the functions, which contains all actions, is created when synthesis starts';
    reject('addHandler', 'be called before the app is synthesized', action, remedy);
  }
}

type Location = NonNullable<CodeConfig['s3Location']>;

/** Code that is created late: when it is first needed, or at the start of synthesis, when all handlers are known. */
class DeferredCode extends Code {
  private scope?: Construct;
  private resource?: CfnResource;
  private options?: ResourceBindOptions;
  private location?: Location;

  public constructor(private readonly make: () => Code) {
    super();
  }

  public bind(scope: Construct): CodeConfig {
    this.scope = scope;
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => this.settle().bucketName }),
        objectKey: Lazy.string({ produce: () => this.settle().objectKey }),
      },
    };
  }

  public override bindToResource(resource: CfnResource, options?: ResourceBindOptions): void {
    this.resource = resource;
    this.options = options;
  }

  /** Creates the code at the first call, and returns its location. */
  public settle(): Location {
    if (this.location) return this.location;
    const code = this.make();
    this.location = code.bind(this.scope as Construct).s3Location as Location;
    if (this.resource) code.bindToResource(this.resource, this.options);
    return this.location;
  }
}
