import { Agent, request } from 'node:http';
import type { WireResponse } from '../wire/service';

/** DynamoDB Local requires a signature, but accepts any. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/** HTTP client for the DynamoDB Local behind the proxy. */
export class Upstream {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly port: number) {}

  public post(target: string, body: string): Promise<WireResponse> {
    const [service, operation] = target.split('.');
    const headers = {
      'x-amz-target': `${service}_20120810.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(body),
      authorization: AUTHORIZATION,
      'x-amz-date': '20260101T000000Z',
    };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, method: 'POST', agent: this.agent, headers };
      const outgoing = request(options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 500, body: Buffer.concat(chunks).toString() }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  public close(): void {
    this.agent.destroy();
  }
}
