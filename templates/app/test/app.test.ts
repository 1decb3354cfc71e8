import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { createLocalStreamer, type LocalStreamer, runHandler } from 'cdk-streamer/testing';
import type { Actions } from '../actions';
import findPrimes from '../handlers/find-primes';
import { AppStack } from '../stack';

test('there are 25 primes up to 100', async () => {
  const { result, progress } = await runHandler(findPrimes, { upTo: 100 });

  assert.deepEqual(result, { count: 25, largest: 97 });
  assert.equal(progress.at(-1)?.percentage, 100);
});

test('an input that is not a number is refused', async () => {
  const { error } = await runHandler(findPrimes, { upTo: 1 });

  assert.equal(error?.code, 'INVALID_INPUT');
});

let streamer: LocalStreamer<Actions>;
before(async () => {
  streamer = await createLocalStreamer<Actions>(new AppStack(new App(), 'Test'));
});
after(() => streamer.close());

test('the application greets', async () => {
  const { greeting } = await streamer.client().request('greet', { name: 'Ada' });

  assert.equal(greeting, 'Hello Ada');
});

test('the application finds primes, with progress', async () => {
  const seen: number[] = [];
  const result = await streamer
    .client()
    .request('find_primes', { upTo: 1000 }, { id: 'primes', onProgress: ({ percentage }) => seen.push(percentage) });

  assert.equal(result.count, 168);
  assert.equal(seen.at(-1), 100);
  assert.equal((await streamer.ended('primes')).status, 'COMPLETED');
});
