import { checkProfile, type FaultRule, PROFILES } from '../../../../local/emulator/chaos';

const check = (...rules: unknown[]) => checkProfile({ description: '', rules: rules as FaultRule[] });

test.each([...PROFILES.values()])('the profiles of the project are valid', (profile) => {
  expect(checkProfile(profile)).toBe(profile);
});

test.each([
  [{ at: 'toString', fault: 'x', chance: 1 }, '`at` must be one of handshake, connection,'],
  [{ at: 'post', fault: 'toString', chance: 1 }, '`fault` at post must be one of throttle, lose, got: toString'],
  [{ at: 'post', fault: 'lose', chance: 1.1 }, '`chance` must be a number from 0 to 1, got: 1.1'],
  [{ at: 'post', fault: 'lose', chance: Number.NaN }, '`chance` must be a number from 0 to 1, got: NaN'],
  [{ at: 'post', fault: 'lose', chance: 1, ms: [2, 1] }, '`ms` must be two integers in ascending order, got: [2,1]'],
  [
    { at: 'post', fault: 'lose', chance: 1, ms: [0.5, 1] },
    '`ms` must be two integers in ascending order, got: [0.5,1]',
  ],
  [
    { at: 'invocation', fault: 'kill', chance: 1, calls: [0, 1] },
    '`calls` must be two integers from 1 in ascending order',
  ],
])('%j is refused', (rule, message) => {
  expect(() => check(rule)).toThrow(`rules[0] of the chaos profile: ${message}`);
});

test('rules of one place whose chances exceed 1 together are refused', () => {
  const rule = { at: 'post', fault: 'lose', chance: 0.6 };
  expect(() => check(rule, rule)).toThrow('the chances of the rules at `post` must add up to at most 1, got: 1.2');
});
