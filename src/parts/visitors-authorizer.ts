import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { ENV, type EnvJson, METADATA, type MetadataValues } from '../contract';
import type { Settings } from '../settings';
import { StreamerFunction } from './streamer-function';

export interface VisitorsAuthorizerProps {
  readonly allowedOrigins: string[];
  readonly settings: Settings;
}

/** Tells visitors apart who have no login. */
export class VisitorsAuthorizer extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { allowedOrigins, settings }: VisitorsAuthorizerProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: names the visitor of a new connection',
      code: builtFunction('visitors'),
      timeout: Duration.seconds(5),
      // one hash, and nothing to load
      memorySize: 256,
      settings,
      environment: {
        [ENV.allowedOrigins]: Stack.of(this).toJsonString(allowedOrigins satisfies EnvJson['allowedOrigins']),
      },
      invokedBy: 'API Gateway invokes it synchronously',
    });
    (this.function.node.defaultChild as CfnResource).addMetadata(
      METADATA.visitors,
      true satisfies MetadataValues['visitors'],
    );
  }
}
