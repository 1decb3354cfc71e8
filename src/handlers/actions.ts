import { Construct } from 'constructs';
import type { StreamerHandler } from '../options/streamer-handler';
import type { Router } from '../parts/router';
import type { StreamerWebSocketApi } from '../parts/websocket-api';
import type { Settings } from '../settings';
import type { Stores } from '../stores';
import { StreamerAction } from '../streamer-action';
import { reject } from '../validation/errors';
import {
  type AsyncHandler,
  actionConfig,
  type IsolatedHandler,
  type SharedHandler,
  type SyncFunctionHandler,
  type SyncHandler,
} from './definitions';
import { DerivedNames } from './derived-names';
import { HandlerStacks } from './handler-stacks';
import type { Handlers } from './handlers';
import { Isolated } from './isolated';
import { actionName } from './names';
import { Processor } from './processor';
import { checkStackSizes } from './stack-size';
import { syncTimeoutOf } from './sync-timeout';

export interface ActionsProps {
  readonly settings: Settings;
  readonly handlers: Handlers;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
  readonly router: Router;
  /** Number of nested stacks that handlers are distributed over; 0 for none. */
  readonly handlerStacks: number;
}

/** The actions of an API, with the function and queues of each. */
export class Actions {
  private readonly byName = new Map<string, StreamerAction>();
  private readonly stacks: HandlerStacks;
  /** The constructs of actions that have resources of their own. */
  private readonly constructs = new Map<string, Construct>();
  private readonly names = new DerivedNames();

  public constructor(
    api: Construct,
    private readonly props: ActionsProps,
  ) {
    this.stacks = new HandlerStacks(api, props.handlerStacks);
  }

  /** Creates the function and queues of an action. */
  public add(action: string, handler: StreamerHandler): StreamerAction {
    const located = this.props.handlers.locate(action, handler);
    const created = isAsync(located) ? this.addAsync(located) : this.addSync(located);
    this.byName.set(action, created);
    return created;
  }

  public get(action: string): StreamerAction {
    return (
      this.byName.get(action) ?? reject('handler', `name one of ${[...this.byName.keys()].sort().join(', ')}`, action)
    );
  }

  /** Whether nested stacks hold the functions and queues of actions, and whether these have the names that other functions know. */
  public validate(): string[] {
    return [...checkStackSizes(this.constructs, this.props.handlerStacks), ...this.names.validate()];
  }

  private addSync(handler: SyncHandler): StreamerAction {
    if (isShared(handler)) return this.addShared(handler);
    return isIsolated(handler) ? this.addIsolated(handler) : this.addSyncFunction(handler);
  }

  private addShared(handler: SharedHandler): StreamerAction {
    const { handlers, router } = this.props;
    router.addShared(handler);
    handlers.register(handler);
    return new StreamerAction(router.function);
  }

  private addIsolated(handler: IsolatedHandler): StreamerAction {
    const { settings, handlers, router } = this.props;
    const { action, definition } = handler;
    const timeout = syncTimeoutOf(settings, action, definition.timeout);
    const { scope, functionName } = this.place('Isolated', action);
    const isolated = new Isolated(scope, action, { settings, handler, handlers, timeout, functionName });
    router.invokeNamed();
    this.constructs.set(action, isolated);
    this.names.add(isolated.function, functionName);
    if (isolated.function.alias !== undefined) this.names.add(isolated.function.target, isolated.function.alias);
    handlers.register({
      ...handler,
      remote: { functionName: isolated.targetName, timeoutMs: timeout.toMilliseconds() },
    });
    return new StreamerAction(isolated.function);
  }

  private addSyncFunction(handler: SyncFunctionHandler): StreamerAction {
    const { settings, handlers, router } = this.props;
    const { action, definition } = handler;
    const timeoutMs = syncTimeoutOf(settings, action, definition.timeout).toMilliseconds();
    const functionName = router.remotes.add(action, definition.fn);
    this.names.addFunction(definition.fn, functionName);
    handlers.register({ ...handler, remote: { functionName, timeoutMs } });
    return new StreamerAction(definition.fn);
  }

  private addAsync(handler: AsyncHandler): StreamerAction {
    const { settings, handlers, stores, webSocket } = this.props;
    const { action, definition } = handler;
    const { scope, functionName: queueName } = this.place('Processors', action);
    const processor = new Processor(scope, action, { settings, handler, handlers, stores, webSocket, queueName });
    this.constructs.set(action, processor);
    this.names.add(processor.queue, processor.queueNames.queue);
    this.names.add(processor.deadLetterQueue, processor.queueNames.deadLetterQueue);
    if (definition.runs === 'function') this.names.addFunction(definition.fn, processor.remote?.functionName);
    handlers.register({
      ...handler,
      config: actionConfig(definition),
      retired: definition.retired,
      queues: processor.queueNames,
      remote: processor.remote,
    });
    const fn = definition.runs === 'function' ? definition.fn : processor.function;
    return new StreamerAction(fn, processor.queue, processor.deadLetterQueue);
  }

  /** Scope of an action's resources, and the physical name of those that have one. */
  private place(group: 'Isolated' | 'Processors', action: string) {
    const { scope, place } = this.stacks.scopeOf(action);
    const groupScope = (scope.node.tryFindChild(group) as Construct | undefined) ?? new Construct(scope, group);
    return { scope: groupScope, functionName: actionName(this.props.settings.namePrefix, action, place) };
  }
}

const isAsync = (handler: SyncHandler | AsyncHandler): handler is AsyncHandler => !handler.sync;
const isShared = (handler: SyncHandler): handler is SharedHandler => handler.runs === 'router';
const isIsolated = (handler: SyncHandler): handler is IsolatedHandler => handler.runs === 'own';
