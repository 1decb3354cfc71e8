import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { eventually, failure, type Harness } from '../harness';

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const key = (pk: string) => ({ pk: { S: pk } });
const at = (epochSeconds: number) => ({ expiresAt: { N: String(Math.floor(epochSeconds)) } });

async function expiringTable(h: Harness): Promise<{ TableName: string; StreamArn: string }> {
  const TableName = await h.tableWithStream();
  await h.db.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' } }),
  );
  const { Table } = await h.db.send(new DescribeTableCommand({ TableName }));
  return { TableName, StreamArn: Table?.LatestStreamArn as string };
}

export const timeToLiveCases: Case[] = [
  {
    id: 'DDB-120',
    rule: 'time to live is enabled and disabled once; DescribeTimeToLive returns its attribute',
    source: 'API reference, UpdateTimeToLive',
    async run(h) {
      const { TableName } = await expiringTable(h);
      const { TimeToLiveDescription } = await h.db.send(new DescribeTimeToLiveCommand({ TableName }));
      expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
      const change = (Enabled: boolean) =>
        h.db.send(
          new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName: 'expiresAt' } }),
        );
      expect((await failure(change(true))).message).toBe('TimeToLive is already enabled');
      await change(false);
      const after = await h.db.send(new DescribeTimeToLiveCommand({ TableName }));
      expect(after.TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED');
    },
  },
  {
    id: 'DDB-121',
    rule: 'an expired item is removed, with a REMOVE record of the service',
    source: 'Developer guide, "DynamoDB Streams and time to live"',
    async run(h) {
      const { TableName, StreamArn } = await expiringTable(h);
      const expired = { ...key('expired'), ...at(Date.now() / 1000 - 1) };
      await h.put(TableName, expired);
      await eventually(async () => {
        const { Item } = await h.db.send(new GetItemCommand({ TableName, Key: key('expired') }));
        return Item ? undefined : true;
      });
      const records = await h.allRecords(StreamArn, 2);
      expect(records[1]).toMatchObject({
        eventName: 'REMOVE',
        userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' },
        dynamodb: { Keys: key('expired'), OldImage: expired },
      });
    },
  },
  {
    id: 'DDB-122',
    rule: 'items that expire later, expired over five years ago, or have no number as their expiry are kept',
    source: 'Developer guide, "Using time to live": prerequisites',
    async run(h) {
      const { TableName } = await expiringTable(h);
      const now = Date.now() / 1000;
      await h.put(
        TableName,
        { ...key('later'), ...at(now + 1000) },
        { ...key('ancient'), ...at(now - 6 * YEAR_SECONDS) },
        { ...key('text'), expiresAt: { S: String(Math.floor(now - 10)) } },
        { ...key('expired'), ...at(now - 10) },
      );
      await eventually(async () => {
        const { Item } = await h.db.send(new GetItemCommand({ TableName, Key: key('expired') }));
        return Item ? undefined : true;
      });
      for (const pk of ['later', 'ancient', 'text']) {
        const { Item } = await h.db.send(new GetItemCommand({ TableName, Key: key(pk) }));
        expect(Item?.pk).toEqual({ S: pk });
      }
    },
  },
];
