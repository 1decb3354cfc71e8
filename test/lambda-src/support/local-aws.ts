import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin, stop } from 'esbuild';
import { type DynamoDbEndpoint, startDynamoDb } from '../../../local/emulator/dynamodb';
import { type ServiceCall, serveAlone } from '../../../local/emulator/http';
import { type Queue, SqsService } from '../../../local/emulator/sqs';
import { ENV } from '../../../src/contract';
import { createTables, TABLE_NAMES } from './embedded-tables';
import { TestServer } from './servers';

const ROOT = join(__dirname, '../../..');

/** Settings of an async action and its queues, as generated entries contain them. */
export const ACTION_CONFIG = { maxAttempts: 2, backoffBaseMs: 1, backoffMaxMs: 2, timeoutMs: 60_000, progressRate: 10 };
export const QUEUE_NAMES = { queue: 'work', deadLetterQueue: 'dead' };

/** The embedded DynamoDB, the local SQS, and a gateway that records frames. It also has the environment variables of functions that use them. */
export class LocalAws {
  public requestsStreamArn = '';
  public environment: Record<string, string> = {};
  public readonly gateway = new TestServer((_, response) => void response.end());
  public readonly folder = mkdtempSync(join(tmpdir(), 'functions-'));
  private readonly sqs = new SqsService({ accountId: '000000000000', region: 'us-east-1', log: () => undefined });
  /** Operations that were called on the queues. */
  public readonly sqsCalls: string[] = [];
  private closeSqs = async () => {};
  private constructor(public readonly database: DynamoDbEndpoint) {}

  public static async start(): Promise<LocalAws> {
    const aws = new LocalAws(await startDynamoDb());
    ({ requestsStreamArn: aws.requestsStreamArn } = await createTables(aws.database));
    const sqsUrl = await aws.serveSqs();
    const spec = { fifo: false, visibilityTimeoutMs: 60_000, delayMs: 0, retentionMs: 3_600_000 };
    const [queueUrl] = ['work', 'dead'].map((queueName) => aws.sqs.createQueue({ ...spec, queueName }).queueUrl);
    aws.environment = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: aws.database.url,
      AWS_ENDPOINT_URL_SQS: sqsUrl,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      [ENV.callbackUrl]: `${await aws.gateway.listen()}/prod`,
      [ENV.failuresQueueUrl]: queueUrl.replace(/[^/]+$/, 'failures'),
      [ENV.retentionSeconds]: '86400',
      [ENV.syncTimeoutMs]: '2000',
      [ENV.queueUrl]: queueUrl,
      ...Object.fromEntries(TABLE_NAMES.map((name) => [ENV[`${name}Table`], name])),
    };
    return aws;
  }

  private async serveSqs(): Promise<string> {
    const allows = ({ action }: ServiceCall) => this.sqsCalls.push(action.replace('sqs:', '')) > 0;
    const { url, close } = await serveAlone(this.sqs.api, { allows });
    this.sqs.setBaseUrl(url);
    this.closeSqs = close;
    return url;
  }

  public queue(name: 'work' | 'dead'): Queue {
    return this.sqs.queueByUrl(name);
  }

  public frames(): { type: string }[] {
    return this.gateway.received.map(({ body }) => JSON.parse(body));
  }

  /** Bundles an entry, and returns the path of its file. The file of the heartbeat's thread is next to it; its interval is a tenth of a second. */
  public async bundle(name: string, code: string): Promise<string> {
    const stdin = { contents: code, resolveDir: ROOT, sourcefile: `${name}.ts`, loader: 'ts' };
    await bundle({ stdin, outfile: join(this.folder, `${name}.js`) });
    return join(this.folder, `${name}.js`);
  }

  /** Creates the heartbeat's thread as a file that sets its own environment variables. */
  public async heartbeat(): Promise<string> {
    await bundle({
      entryPoints: [join(ROOT, 'lambda-src/functions/heartbeat.ts')],
      outfile: join(this.folder, 'thread.js'),
    });
    const file = join(this.folder, 'heartbeat.js');
    writeFileSync(file, `Object.assign(process.env, ${JSON.stringify(this.environment)});\nrequire('./thread.js');\n`);
    return file;
  }

  public async close(): Promise<void> {
    await Promise.all([this.database.close(), this.gateway.close()]);
    this.sqs.close();
    await this.closeSqs();
    rmSync(this.folder, { recursive: true, force: true });
    await stop();
  }
}

/** Renews leases after a tenth of a second instead of 20 s, because no test should wait that long. */
const hurry: Plugin = {
  name: 'hurry',
  setup({ onLoad }) {
    onLoad({ filter: /protocol[\\/]constants\.json$/ }, () => {
      const constants = jest.requireActual('../../../protocol/constants.json');
      const timing = { ...constants.timing, leaseRenewSeconds: 0.1 };
      return { contents: JSON.stringify({ ...constants, timing }), loader: 'json' };
    });
  },
};

const bundle = (options: object) =>
  build({
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    plugins: [hurry],
    ...options,
  });
