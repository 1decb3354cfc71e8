import { Construct } from 'constructs';
import type { StreamerHandler } from '../options/streamer-handler';
import type { StreamerAction } from '../streamer-action';
import { reject } from '../validation/errors';
import { checkStackSizes, HandlerStacks } from './handler-stacks';
import type { Handlers } from './handlers';
import type { HandlerHost, NamedPlace } from './kinds/kind';
import { actionName, DerivedNames } from './names';

interface ActionsProps extends Omit<HandlerHost, 'names' | 'code' | 'place'> {
  readonly handlers: Handlers;
  /** Number of nested stacks that contain the handlers' resources; with 0, the API's own stack contains them. */
  readonly handlerStacks: number;
}

/** The actions of an API, with the function and queues of each. */
export class Actions {
  private readonly byName = new Map<string, StreamerAction>();
  private readonly stacks: HandlerStacks;
  /** The constructs of actions that have resources. */
  private readonly constructs = new Map<string, Construct>();
  private readonly names = new DerivedNames();
  private readonly host: HandlerHost;

  public constructor(private readonly props: ActionsProps) {
    const { handlers, handlerStacks, ...shared } = props;
    this.stacks = new HandlerStacks(props.scope, handlerStacks);
    this.host = {
      ...shared,
      names: this.names,
      code: (bundleName) => handlers.code(bundleName),
      place: (group, action) => this.place(group, action),
    };
  }

  /** Creates the function and queues of an action. */
  public add(action: string, { _kind }: StreamerHandler): StreamerAction {
    const { handlers } = this.props;
    handlers.admit(action);
    const bound = _kind.bind(action, this.host);
    if (bound.resources) this.constructs.set(action, bound.resources);
    handlers.register(bound);
    this.byName.set(action, bound.result);
    return bound.result;
  }

  public get(action: string): StreamerAction {
    return (
      this.byName.get(action) ?? reject('handler', `name one of ${[...this.byName.keys()].sort().join(', ')}`, action)
    );
  }

  /**
   * Checks the sizes of the stacks that contain actions' resources. Also checks that functions and queues have the names that other functions use.
   */
  public validate(): string[] {
    return [...checkStackSizes(this.constructs, this.props.handlerStacks), ...this.names.validate()];
  }

  private place(group: string, action: string): NamedPlace {
    const { scope, place } = this.stacks.scopeOf(action);
    const groupScope = (scope.node.tryFindChild(group) as Construct | undefined) ?? new Construct(scope, group);
    return { scope: groupScope, name: actionName(this.props.settings.namePrefix, action, place) };
  }
}
