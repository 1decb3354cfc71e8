import { mkdirSync, writeFileSync } from 'node:fs';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Faults } from '../../../local/emulator/http';
import { type LocalRunOptions, startLocalRun } from '../../../local/run';
import { removeAssemblies, writeAssembly } from '../emulator/assembly/write-assembly';
import { Listener, TestFolder } from './support';

const folder = new TestFolder();

afterAll(() => {
  removeAssemblies();
  folder.remove();
});

function start(options: Partial<LocalRunOptions>) {
  const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } };
  const assemblyDir = writeAssembly({ App: { template: { Resources: { Work: queue } } } });
  return startLocalRun({ assemblyDir, port: 0, log: new Listener().log, console: false, ...options });
}

test('a state that cannot be read is refused with the command that discards it', async () => {
  mkdirSync(folder.path('state'));
  writeFileSync(folder.path('state', 'journal.log'), 'damaged\n');
  await expect(start({ state: { folder: folder.path('state') } })).rejects.toThrow(
    /journal\.log is damaged: .* or begin with an empty state: npx cdk-streamer dev --fresh$/,
  );
});

test('the access check and the faults of a run apply to its services', async () => {
  const faults = new Faults();
  const denied: string[] = [];
  const run = await start({
    faultOf: faults.of,
    allows: ({ caller, action }) => !denied.includes(`${caller.name} ${action}`),
  });
  const client = new SQSClient({
    endpoint: run.variables.AWS_ENDPOINT_URL_SQS,
    region: 'us-east-1',
    credentials: run.credentials,
    maxAttempts: 1,
  });
  const list = async () => (await client.send(new ListQueuesCommand({}))).QueueUrls;

  expect(await list()).toHaveLength(1);
  faults.inject('sqs', { outcome: 'throttle' }, { action: 'sqs:ListQueues', times: 1 });
  await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' });
  denied.push('run sqs:ListQueues');
  await expect(list()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  client.destroy();
  await run.close();
});
