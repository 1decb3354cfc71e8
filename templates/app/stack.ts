import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import type { Construct } from 'constructs';

export class AppStack extends Stack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const api = new StreamerApi(this, 'Streamer', {
      // anybody may connect; use StreamerAuth.jwt({ issuer, audience }) to require a login
      auth: StreamerAuth.none(),
      handlers: {
        greet: StreamerHandler.sync('handlers/greet.ts'),
        find_primes: StreamerHandler.async('handlers/find-primes.ts', { timeout: Duration.minutes(5) }),
      },
    });
    new CfnOutput(this, 'Url', { value: api.url });
  }
}
