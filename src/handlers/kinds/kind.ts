import { Annotations } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { BundledAction } from '../../bundling/handler-bundles';
import type { StreamerBundlingOptions } from '../../options/streamer-bundling-options';
import type { Router } from '../../parts/router';
import type { Schedules } from '../../parts/schedules';
import type { StreamerWebSocketApi } from '../../parts/websocket-api';
import type { Settings } from '../../settings';
import type { Stores } from '../../stores/stores';
import type { StreamerAction } from '../../streamer-action';
import type { DerivedNames } from '../names';

/**
 * A kind of handler. It decides which resources an action gets, which code its function contains, and which part of that code is in the router.
 *
 * No other module distinguishes kinds. A new kind is a new class in a separate file.
 */
export interface HandlerKind {
  /** Creates the resources of an action that a handler of this kind runs. */
  bind(action: string, api: HandlerHost): BoundHandler;
}

/** The parts of an API that kinds use. */
export interface HandlerHost {
  readonly scope: Construct;
  readonly settings: Settings;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
  readonly router: Router;
  /** Creates the schedules of actions. */
  readonly schedules: Schedules;
  /** Bundling options of the API, with which those of a handler are merged. */
  readonly bundling: StreamerBundlingOptions;
  /** Records the physical names that other functions use in their code or settings. Aspects must not change these names. */
  readonly names: DerivedNames;
  /** Returns the code of a function by the name of its bundle. The bundle is built when synthesis starts. */
  code(bundleName: string): Code;
  /** Returns the scope in which an action's resources are created, and a physical name for the function that other functions look up by name. */
  place(group: string, action: string): NamedPlace;
}

export interface NamedPlace {
  readonly scope: Construct;
  readonly name: string;
}

/** An action whose handler has been bound to an API. */
export interface BoundHandler extends BundledAction {
  /** Function and queues of the action, for users of the construct. */
  readonly result: StreamerAction;
  /** Construct with the resources of the action; undefined if it has none. */
  readonly resources?: Construct;
}

/** Warns that no schema validates the input of an action. */
export function warnWithoutSchema({ scope }: HandlerHost, action: string, when: string, remedy: string): void {
  Annotations.of(scope).addWarningV2(
    `cdk-streamer:unvalidatedInput:${action}`,
    `The input of \`${action}\` is not validated${when}:${remedy} set \`schema\` to the path of a module that exports one`,
  );
}
