import {
  ApiGatewayManagementApiClient,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Gateway, Log, PostResult } from '../flows/ports';
import { REQUEST_HANDLER } from '../runtime/http';

/** The `@connections` API of the stage at that endpoint. */
export class ManagementApi implements Gateway {
  private readonly client: ApiGatewayManagementApiClient;

  /** @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  public constructor(
    endpoint: string,
    private readonly log: Log,
  ) {
    this.client = new ApiGatewayManagementApiClient({ endpoint, requestHandler: REQUEST_HANDLER });
  }

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
