import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { PublishTarget } from '../grants/publish';
import type { Handlers } from '../handlers/handlers';
import type { IStreamerTables } from '../options/streamer-tables-options';
import type { ResolvedProps } from '../resolve-settings';
import type { Stores } from '../stores';
import type { StreamerFunctions, StreamerTopicResources, StreamerWebhookResources } from '../streamer-api-interface';
import type { Router } from './router';
import type { StreamerWebSocketApi } from './websocket-api';

/** A part of an API. It registers everything that the API lists, exposes and checks because of it. */
export interface ApiPart {
  /** Functions that the part creates, as `StreamerApi.functions` lists them. */
  readonly functions?: Partial<StreamerFunctions>;
  /** Resources of the part that members of the API expose. */
  readonly outputs?: Partial<PartOutputs>;
  /** Called when synthesis starts: all handlers are known, and other aspects have not visited the functions yet. */
  readonly settle?: () => void;
  /** Errors that are known only at the end of synthesis. */
  readonly checks?: () => string[];
}

export interface PartOutputs {
  readonly topics?: StreamerTopicResources;
  readonly webhook?: StreamerWebhookResources;
  readonly publishTarget?: PublishTarget;
  /** Returns the submit function, which the first call creates. */
  readonly submitFunction: () => IFunction;
}

/** The API that a part belongs to, with the parts that every API has. */
export interface PartContext {
  readonly scope: Construct;
  readonly props: ResolvedProps;
  readonly tables: IStreamerTables;
  readonly stores: Stores;
  readonly handlers: Handlers;
  readonly router: Router;
  readonly webSocket: StreamerWebSocketApi;
}

/** Creates a part, if the properties of the API ask for it. */
export type CreatePart = (context: PartContext) => ApiPart | undefined;
