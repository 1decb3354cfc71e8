import { connectionNotes } from '../../../../local/cli/client/follow';

let notes: string[];
let onStateChange: ReturnType<typeof connectionNotes>;
beforeEach(() => {
  notes = [];
  onStateChange = connectionNotes({ note: (text) => notes.push(text) });
});

test('a connection that opens at once is not reported', () => {
  onStateChange('connecting', {});
  onStateChange('connected', {});

  expect(notes).toEqual([]);
});

test('each loss of the connection and each reconnection is reported', () => {
  onStateChange('connected', {});
  for (const closeCode of [1006, 1001]) {
    onStateChange('disconnected', { closeCode, retryInMs: 800 });
    onStateChange('connecting', {});
    onStateChange('connected', {});
  }

  expect(notes).toEqual([
    'the connection was lost (1006), trying again in 0.8 s',
    'connected again',
    'the connection was lost (1001), trying again in 0.8 s',
    'connected again',
  ]);
});

test('a first connection that needs several attempts is reported once it opens', () => {
  onStateChange('disconnected', { retryInMs: 100 });
  onStateChange('disconnected', { retryInMs: 200 });
  onStateChange('connected', {});

  expect(notes).toEqual(['no connection, trying again in 0.1 s', 'no connection, trying again in 0.2 s', 'connected']);
});
