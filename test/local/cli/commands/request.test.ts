import { UsageError } from '../../../../local/cli/arguments';
import { requestCommand } from '../../../../local/cli/commands/request';

/** Options of the command `request`. */
const parse = (values: Record<string, unknown>, positionals: string[] = ['report']) =>
  requestCommand.parse({ values: values as never, positionals });

test.each<[Record<string, string>, object]>([
  [{ debounce: 'report-7' }, { key: 'report-7', waitMs: 1_000 }],
  [
    { debounce: 'k', wait: '5' },
    { key: 'k', waitMs: 5_000 },
  ],
  [
    { debounce: 'k', wait: '5', 'max-wait': '60' },
    { key: 'k', waitMs: 5_000, maxWaitMs: 60_000 },
  ],
])('the options %j are a debounce rule', (values, debounce) => {
  expect(parse(values)).toMatchObject({ action: 'report', debounce });
});

test('a request without a key is not debounced', () => {
  expect(parse({})).toMatchObject({ action: 'report', debounce: undefined });
});

test.each<[Record<string, string>, string]>([
  [{ wait: '5' }, '--wait and --max-wait need --debounce'],
  [{ 'max-wait': '5' }, '--wait and --max-wait need --debounce'],
  [{ debounce: 'k', wait: '0' }, '--wait must be a whole number from 1 to 86400, got: 0'],
  [{ debounce: 'k', wait: '9', 'max-wait': '8' }, '--max-wait must be a whole number from 9 to 86400, got: 8'],
])('the options %j are refused', (values, message) => {
  expect(() => parse(values)).toThrow(UsageError);
  expect(() => parse(values)).toThrow(message);
});
