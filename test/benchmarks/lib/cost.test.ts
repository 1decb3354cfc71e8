import { difference } from '../../../benchmarks/lib/calls';
import { usdPerMillion } from '../../../benchmarks/lib/cost';
import { readResult } from '../../../benchmarks/lib/results';

describe('the cost of a million requests', () => {
  test.each([
    ['a message either way is a dollar', { messages_in: 1, messages_out: 12 }, 13],
    ['write units of all tables', { requests_write_units: 8, events_write_units: 12 }, 12.5],
    ['read units of all tables', { events_read_units: 6, connections_read_units: 2 }, 1],
    ['queue calls, and the group of what is sent', { sqs_sends: 1, sqs_receives: 1, sqs_deletes: 1 }, 1.3],
    ['invocations of all functions', { router_invocations: 1, dispatcher_invocations: 2 }, 0.6],
    ['what is no call costs nothing', { other: 1000 }, 0],
  ])('the cost of a million requests: %s', (_, counts, usd) => {
    expect(usdPerMillion(counts)).toBeCloseTo(usd, 10);
  });

  test('the committed cost is that of the committed counts', () => {
    const { usd_per_million_requests, usd_per_message, ...counts } = readResult('request-cost')?.figures ?? {};
    expect(usd_per_million_requests / usdPerMillion(counts)).toBeCloseTo(1, 2);
    expect((usd_per_message * counts.messages_out * 1e6) / usd_per_million_requests).toBeCloseTo(1, 2);
  });
});

test('counts that began between two readings began at 0', () => {
  expect(difference({ a: 5, b: 2 }, { a: 3 })).toEqual({ a: 2, b: 2 });
});
