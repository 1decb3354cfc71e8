import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type Announcement, detailType } from '../core';
import type { Sink } from '../flows/announcements/announce';
import { inBatches } from './batches';

/** Source of the events that Streamer publishes. */
export const EVENT_SOURCE = 'cdk-streamer';

/** An event bus of EventBridge. */
export class EventBus implements Sink {
  public readonly name = 'event bus';

  /** @param bus name or ARN of the event bus */
  public constructor(
    private readonly client: EventBridgeClient,
    private readonly bus: string,
  ) {}

  public send(announcements: readonly Announcement[]): Promise<number[]> {
    return inBatches(announcements, (batch) => this.put(batch));
  }

  private async put(batch: readonly Announcement[]): Promise<number[]> {
    const command = new PutEventsCommand({
      Entries: batch.map((announcement) => ({
        EventBusName: this.bus,
        Source: EVENT_SOURCE,
        DetailType: detailType(announcement),
        Detail: JSON.stringify(announcement),
        Time: new Date(announcement.endedAt),
      })),
    });
    const { FailedEntryCount = 0, Entries = [] } = await this.client.send(command);
    return FailedEntryCount === 0 ? [] : Entries.flatMap(({ ErrorCode }, index) => (ErrorCode ? [index] : []));
  }
}
