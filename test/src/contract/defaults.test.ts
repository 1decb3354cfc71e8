import { CONSTANTS } from '../../../lambda-src/protocol';
import { BOUNDS, DEFAULTS } from '../../../src/contract';

const { limits, timing } = CONSTANTS;

test('defaults that the protocol describes are those of its constants', () => {
  expect(DEFAULTS.action.progressRate).toBe(timing.progressPerSecond);
  expect(DEFAULTS.syncTimeoutMs).toBe(timing.syncTimeoutSeconds * 1000);
});

test('bounds that the protocol describes are those of its constants', () => {
  expect(BOUNDS.inputBytes).toBe(limits.clientFrameBytes);
  expect(BOUNDS.inputDepth).toBe(limits.clientDepth);
  expect(BOUNDS.nameChars).toBe(limits.ownerChars);
  expect(BOUNDS.topicChars).toBe(limits.topicChars);
  expect(BOUNDS.progressRate).toEqual({ min: timing.progressPerSecondMin, max: timing.progressPerSecondMax });
  expect(BOUNDS.syncTimeoutMs + BOUNDS.syncMarginMs).toBe(timing.integrationTimeoutSeconds * 1000);
});

test('a result and an event fit into a message of the server with their envelope', () => {
  expect(BOUNDS.resultBytes).toBeLessThan(limits.serverMessageBytes);
  expect(BOUNDS.eventBytes).toBeLessThan(limits.serverMessageBytes);
});

test('every default is within its bounds', () => {
  const { action, webhook } = DEFAULTS;
  expect(action.progressRate).toBeGreaterThanOrEqual(BOUNDS.progressRate.min);
  expect(action.progressRate).toBeLessThanOrEqual(BOUNDS.progressRate.max);
  expect(action.timeoutMs + BOUNDS.writeMarginMs).toBeLessThanOrEqual(BOUNDS.functionTimeoutMs);
  expect(action.backoffBaseMs).toBeLessThanOrEqual(action.backoffMaxMs);
  expect(webhook.initialMs).toBeLessThanOrEqual(webhook.maxMs);
  expect(DEFAULTS.syncTimeoutMs).toBeLessThanOrEqual(BOUNDS.syncTimeoutMs);
  expect(DEFAULTS.tenant.length).toBeLessThanOrEqual(BOUNDS.nameChars);
});
