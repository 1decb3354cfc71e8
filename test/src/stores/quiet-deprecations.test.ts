import { withoutDeprecations } from '../../../src/stores/tables';
import { minimalProps, synthesize } from '../support/apps';

const MODE = 'JSII_DEPRECATED';
const before = process.env[MODE];

afterEach(() => {
  if (before === undefined) delete process.env[MODE];
  else process.env[MODE] = before;
});

test.each(['warn', 'fail'])('an app uses no deprecated names that JSII_DEPRECATED=%s would report', (mode) => {
  process.env[MODE] = mode;
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  synthesize(minimalProps());
  expect(warn.mock.calls.filter(([, text]) => /is deprecated/.test(String(text)))).toEqual([]);
  warn.mockRestore();
});

test.each([undefined, 'fail'])('the setting of the user (%s) is the same afterwards, also after an error', (mode) => {
  if (mode === undefined) delete process.env[MODE];
  else process.env[MODE] = mode;
  expect(withoutDeprecations(() => process.env[MODE])).toBe('quiet');
  expect(() =>
    withoutDeprecations(() => {
      throw new Error('no such table');
    }),
  ).toThrow('no such table');
  expect(process.env[MODE]).toBe(mode);
});
