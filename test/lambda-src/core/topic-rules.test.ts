import { allows } from '../../../lambda-src/core/topic-rules';
import type { TopicRule } from '../../../src/contract';

const read = (pattern: string): TopicRule[] => [{ pattern, publish: false }];
const may = (pattern: string, topic: string, user = 'ann') => allows(read(pattern), user, topic, 'subscribe');

test.each<[pattern: string, topic: string, user: string, allowed: boolean]>([
  ['news', 'news', 'ann', true],
  ['news', 'news/1', 'ann', false],
  ['news', 'new', 'ann', false],
  ['news/*', 'news/1', 'ann', true],
  ['news/*', 'news/1/2', 'ann', true],
  ['news/*', 'news/', 'ann', true],
  ['news/*', 'news', 'ann', false],
  ['*', 'anything', 'ann', true],
  ['users/{user}', 'users/ann', 'ann', true],
  ['users/{user}', 'users/bob', 'ann', false],
  ['users/{user}', 'users/{user}', 'ann', false],
  ['users/{user}/*', 'users/ann/inbox', 'ann', true],
  ['users/{user}/*', 'users/annika/inbox', 'ann', false],
  ['{user}:{user}', 'ann:ann', 'ann', true],
  ['{user}:{user}', 'ann:bob', 'ann', false],
])('the rule %s allows the topic %s for the user %s: %s', (pattern, topic, user, allowed) => {
  expect(may(pattern, topic, user)).toBe(allowed);
});

test("a user has no topics of an open pattern if the user's name contains what follows it, because they may belong to another user", () => {
  expect(may('users/{user}/*', 'users/a/b/c', 'a/b')).toBe(false);
  expect(may('users/{user}/*', 'users/a/b/c', 'a')).toBe(true);
  expect(may('users/{user}', 'users/a/b', 'a/b')).toBe(true);
});

test('two users never share a topic of an open pattern that contains their names', () => {
  const names = ['a', 'a/b', 'a-b', 'ab', 'b', 'a:b', 'a/b/c'];
  for (const pattern of ['users/{user}/*', '{user}:*', 'x-{user}-{user}/*']) {
    for (const topic of ['users/a/b/c', 'users/ab/c', 'a:b:c', 'a:', 'x-a-a/b', 'x-a-b-a-b/c', 'a/b:c']) {
      expect(names.filter((user) => may(pattern, topic, user)).length).toBeLessThanOrEqual(1);
    }
  }
});

test('publishing needs a rule that allows it, and any matching rule is enough', () => {
  const rules: TopicRule[] = [
    { pattern: 'rooms/*', publish: false },
    { pattern: 'rooms/lobby', publish: true },
  ];
  expect(allows(rules, 'ann', 'rooms/lobby', 'publish')).toBe(true);
  expect(allows(rules, 'ann', 'rooms/other', 'publish')).toBe(false);
  expect(allows(rules, 'ann', 'rooms/other', 'subscribe')).toBe(true);
  expect(allows([], 'ann', 'rooms/lobby', 'subscribe')).toBe(false);
});

test('a name with characters of replacement patterns is used literally', () => {
  expect(may('u/{user}', 'u/$&', '$&')).toBe(true);
});
