import { BOUNDS } from '../contract';
import type { StreamerTopic } from '../options/streamer-topic';
import { reject } from './errors';
import { validateObject } from './rules';

const MEND =
  "Use `StreamerTopic.readOnly()` or `StreamerTopic.publishable()`, for example `{ 'rooms/*': StreamerTopic.publishable() }`";

/** The characters of a topic, `{user}` among them, and `*` at the end. */
const PATTERN = /^(?:[A-Za-z0-9_.:/-]|\{user\})*\*?$/;

/** Refuses `topics` without a pattern, and patterns that no topic matches or that give users the topics of others. */
export function validateTopics(topics: { readonly [pattern: string]: StreamerTopic } | undefined): void {
  if (topics === undefined || topics === null) return;
  validateObject('topics', topics, 'be an object of topics by pattern', MEND);
  const entries = Object.entries(topics);
  if (entries.length === 0) reject('topics', 'have at least one pattern', topics, MEND);
  for (const [pattern, topic] of entries) {
    checkPattern(pattern);
    if (typeof topic?._publish !== 'boolean') reject(`topics.${pattern}`, 'be a StreamerTopic', topic, MEND);
  }
}

function checkPattern(pattern: string): void {
  if (pattern === '' || pattern.length > BOUNDS.topicChars || !PATTERN.test(pattern)) {
    reject(
      'topics',
      `have patterns of 1 to ${BOUNDS.topicChars} characters out of A-Z a-z 0-9 _ . : / -, in which \`{user}\` is the user's name and a \`*\` at the end any rest`,
      pattern,
    );
  }
  if (/\{user\}(\*|\{user\})/.test(pattern)) {
    reject(
      'topics',
      'have a character between `{user}` and what follows it',
      pattern,
      "Users' names may begin alike: `{user}*` would give each the topics of others. Write `{user}/*`",
    );
  }
}
