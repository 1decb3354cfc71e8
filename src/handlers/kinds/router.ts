import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { routerLoads } from '../../bundling/entry';
import { resolveModule } from '../../bundling/project';
import type { StreamerBundlingOptions } from '../../options/streamer-bundling-options';
import { StreamerAction } from '../../streamer-action';
import type { BoundHandler, HandlerHost, HandlerKind } from './kind';

export interface RouterHandlerOptions {
  readonly environment?: { [name: string]: string };
  readonly initialPolicy?: PolicyStatement[];
  readonly bundling?: StreamerBundlingOptions;
}

/** A sync handler in the router's process. */
export class RouterHandler implements HandlerKind {
  public constructor(
    private readonly entry: string,
    private readonly options: RouterHandlerOptions,
  ) {}

  public bind(action: string, { settings, router }: HandlerHost): BoundHandler {
    const file = resolveModule(`handlers.${action}`, settings.projectRoot, this.entry);
    router.admit(action, this.options);
    return {
      action,
      file,
      router: routerLoads(action, file, this.options.bundling),
      result: new StreamerAction(router.function),
    };
  }
}
