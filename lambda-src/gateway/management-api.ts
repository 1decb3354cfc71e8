import {
  type ApiGatewayManagementApiClient,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Gateway, Log, PostResult } from '../flows/ports';

/** The `@connections` API of the stage. */
export class ManagementApi implements Gateway {
  public constructor(
    private readonly client: ApiGatewayManagementApiClient,
    private readonly log: Log,
  ) {}

  public async post(connectionId: string, frame: string): Promise<PostResult> {
    try {
      await this.client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }));
      return 'sent';
    } catch (error) {
      if (error instanceof GoneException) return 'gone';
      // whatever else it is, the log keeps what could not be sent
      if (!(error instanceof LimitExceededException)) this.log.warn('could not post', { connectionId, error });
      return 'busy';
    }
  }
}
