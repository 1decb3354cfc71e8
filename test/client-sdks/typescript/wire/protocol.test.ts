import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { offeredProtocols } from '../../../../client-sdks/typescript/src/connection/token';
import { backoffMs } from '../../../../client-sdks/typescript/src/util/clock';
import { StreamerError } from '../../../../client-sdks/typescript/src/wire/errors';
import { DEFAULT_TIMING } from '../../../../client-sdks/typescript/src/wire/protocol';
import constants from '../../../../protocol/constants.json';

const SRC = join(__dirname, '../../../../client-sdks/typescript/src');

test('The union of error codes contains the codes of the protocol', () => {
  const source = readFileSync(join(SRC, 'wire/errors.ts'), 'utf8');
  const union = source.slice(
    source.indexOf('ProtocolErrorCode'),
    source.indexOf(';', source.indexOf('ProtocolErrorCode')),
  );
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
  expect(codes.sort()).toEqual(Object.keys(constants.errors).sort());
});

test.each(Object.entries(constants.errors))('By default %s is as retryable as the table defines', (code, {
  retryable,
}) => {
  expect(new StreamerError(code, 'x').retryable).toBe(retryable);
});

test("The documented defaults are the protocol's numbers", () => {
  const source = readFileSync(join(SRC, 'wire/protocol.ts'), 'utf8');
  for (const [name, value] of Object.entries(DEFAULT_TIMING)) {
    const docs = source
      .slice(0, source.indexOf(`readonly ${name}:`))
      .split('/**')
      .at(-1);
    expect({ name, docs }).toEqual({ name, docs: expect.stringContaining(`Default ${value.toLocaleString('en')}`) });
  }
});

test.each(Object.entries(DEFAULT_TIMING))('The README names the current default of %s', (name, value) => {
  const readme = readFileSync(join(SRC, '../README.md'), 'utf8');
  expect(readme).toContain(`\`${name}\` ${value.toLocaleString('en')}`);
});

test('A token is offered as the base64url of its bytes, without padding', () => {
  const token = '~~~???>>>/+=a';
  const [protocol, bearer] = offeredProtocols(token);
  expect(protocol).toBe('streamer.v1');
  expect(bearer).toBe(`bearer.${Buffer.from(token).toString('base64url')}`);
});

test.each([
  '',
  'a b',
  'ä',
  'x'.repeat(8193),
  undefined,
  7,
])('A string that cannot be a token is refused: %#', (token) => {
  expect(() => offeredProtocols(token)).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));
});

test.each([
  [0, 500],
  [1, 1_000],
  [5, 16_000],
  [6, 32_000],
  [2_000, 60_000],
])('After %i failures the delay is below %i ms', (failures, bound) => {
  const { reconnectBaseMs, reconnectMaxMs } = DEFAULT_TIMING;
  expect(backoffMs(failures, reconnectBaseMs, reconnectMaxMs, () => 0)).toBe(0);
  expect(backoffMs(failures, reconnectBaseMs, reconnectMaxMs, () => 0.5)).toBe(bound / 2);
});
