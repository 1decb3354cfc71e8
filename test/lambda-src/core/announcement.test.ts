import { announcementOf, detailType, webhookBody, webhookType } from '../../../lambda-src/core/announcement';
import type { RequestItem } from '../../../lambda-src/core/request';

const request = {
  requestKey: 'acme#ann#r1',
  tenant: 'acme',
  user: 'ann',
  id: 'r1',
  action: 'report',
  ref: 'secret-ref',
  epoch: 'e1',
  status: 'COMPLETED',
  fence: 4,
  attempt: 2,
  maxAttempts: 3,
  run: 1,
  createdAt: Date.parse('2026-01-31T10:00:00.123Z'),
  pendingSince: 0,
  inputHash: 'hash',
  input: '{"secret":"input"}',
  outcome: { kind: 'result', body: '"secret result"' },
  userKey: 'acme#ann',
  expiresAt: 0,
} as const satisfies RequestItem;

const of = (changes: Partial<RequestItem> = {}) =>
  announcementOf({ request: { ...request, ...changes }, endedAt: Date.parse('2026-01-31T10:05:00Z') }, 'Api', 'evt_1');

test('an announcement names the owner, the action and the end of a request', () => {
  expect(of()).toEqual({
    eventId: 'evt_1',
    api: 'Api',
    id: 'r1',
    tenant: 'acme',
    user: 'ann',
    action: 'report',
    status: 'COMPLETED',
    run: 1,
    attempt: 2,
    createdAt: '2026-01-31T10:00:00.123Z',
    endedAt: '2026-01-31T10:05:00.000Z',
  });
});

test('an announcement contains neither input nor result, nor the details of an error', () => {
  const error = JSON.stringify({ code: 'ODD', message: 'Odd.', retryable: true, retryAfter: 3, details: 'secret' });
  const failed = of({ status: 'FAILED', outcome: { kind: 'error', error } });

  expect(failed.error).toEqual({ code: 'ODD', message: 'Odd.', retryable: true });
  expect(JSON.stringify([of(), failed])).not.toContain('secret');
});

test.each([
  ['COMPLETED', 'Streamer Request Completed', 'request.completed'],
  ['FAILED', 'Streamer Request Failed', 'request.failed'],
  ['CANCELLED', 'Streamer Request Cancelled', 'request.cancelled'],
] as const)('%s has a name for the bus and one for webhooks', (status, onBus, ofWebhook) => {
  const announcement = of({ status });
  expect(detailType(announcement)).toBe(onBus);
  expect(webhookType(announcement)).toBe(ofWebhook);
  expect(JSON.parse(webhookBody(announcement))).toEqual({
    type: ofWebhook,
    timestamp: '2026-01-31T10:05:00.000Z',
    data: announcement,
  });
});

test.each(['PENDING', 'RUNNING', 'WAITING'] as const)('a request that is %s has not ended', (status) => {
  expect(() => of({ status })).toThrow(RangeError);
});
