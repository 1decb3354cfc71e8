import { logKey } from '../../../lambda-src/core/keys';
import * as format from '../../../local/console/streamer-format';
import { apisOf } from '../../../local/operations/api-tables';

test('the console names the log of a request as the functions do', () => {
  expect(format.logKeyOf({ requestKey: 'a#b#c', epoch: 'e' })).toBe(logKey({ requestKey: 'a#b#c', epoch: 'e' }));
});

test('functions that name the same requests table are one API', () => {
  const apis = apisOf([
    { STREAMER_REQUESTS_TABLE: 'r1', STREAMER_EVENTS_TABLE: 'e1' },
    { STREAMER_REQUESTS_TABLE: 'r1' },
    { STREAMER_REQUESTS_TABLE: 'r2', STREAMER_EVENTS_TABLE: 'e2' },
    { STREAMER_REQUESTS_TABLE: 'no events' },
    { OTHER: 'function' },
  ]);
  expect(apis).toMatchObject([
    { requestsTable: 'r1', eventsTable: 'e1' },
    { requestsTable: 'r2', eventsTable: 'e2' },
  ]);
});

test('an error is read from a JSON string, or from a string that is not JSON', () => {
  const error = '{"code":"NO_DATA","message":"none","retryable":false}';
  expect(format.errorOf({ kind: 'error', error })).toEqual({ code: 'NO_DATA', message: 'none' });
  expect(format.errorOf({ kind: 'error', error: 'broken {' })).toEqual({ code: 'UNKNOWN', message: '' });
  expect(format.errorOf({ kind: 'result', body: '1' })).toBeUndefined();
});
