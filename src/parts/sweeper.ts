import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { ENV } from '../contract';
import { acknowledge } from '../grants/nag';
import type { Settings } from '../settings';
import type { Stores } from '../stores/stores';
import { StreamerFunction } from './streamer-function';

interface SweeperProps {
  readonly settings: Settings;
  readonly stores: Stores;
}

/**
 * Finds due retries, scheduled requests and expired leases every minute. It finds them in the table, so it does not depend on messages, which may be
 * lost.
 */
export class Sweeper extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { settings, stores }: SweeperProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: finds requests that are due',
      code: builtFunction('sweeper'),
      // the timeout must be shorter than the minute until the next invocation
      timeout: Duration.seconds(50),
      memorySize: 512,
      settings,
      environment: { [ENV.retentionSeconds]: String(settings.retention.toSeconds()) },
      invokedBy: 'A schedule invokes it, and the run a minute later handles what a failed run left',
    });
    stores.requests.grantSweep(this.function);
    stores.events.grantLines(this.function);
    const rule = new Rule(this, 'EveryMinute', {
      description: 'Streamer: runs the sweeper',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.function)],
    });
    acknowledge(rule, {
      'Serverless-EventBusDLQ': 'The run a minute later handles what a lost run would have handled',
    });
  }
}
