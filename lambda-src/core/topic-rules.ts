import type { TopicRule } from '../../src/contract';

const USER = '{user}';

/** Whether one of the rules allows the user to subscribe to the topic, or to publish to it. */
export function allows(rules: readonly TopicRule[], user: string, topic: string, to: 'subscribe' | 'publish'): boolean {
  return rules.some(({ pattern, publish }) => (to === 'subscribe' || publish) && matches(pattern, user, topic));
}

function matches(pattern: string, user: string, topic: string): boolean {
  if (!pattern.endsWith('*')) return topic === named(pattern, user);
  const start = pattern.slice(0, -1);
  return isSeparable(start, user) && topic.startsWith(named(start, user));
}

const named = (pattern: string, user: string): string => pattern.split(USER).join(user);

/**
 * Whether the pattern shows unambiguously where the user's name ends. Otherwise, with `{user}/*`, the user `a` would also have access to the topics
 * of a user `a/b`.
 */
function isSeparable(start: string, user: string): boolean {
  return start
    .split(USER)
    .slice(1)
    .every((rest) => rest !== '' && !user.includes(rest.charAt(0)));
}
