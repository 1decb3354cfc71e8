import { callListener, reportUncaught, throwElsewhere } from '../../../../client-sdks/typescript/src/util/listener';
import { settled } from '../support/virtual-clock';

const platform = globalThis as { reportError?: (error: unknown) => void };
afterEach(() => {
  delete platform.reportError;
  jest.restoreAllMocks();
});

test.each([
  ['nothing', () => undefined],
  ['null', () => null],
  ['a value', () => 7],
  ['a promise that is kept', () => Promise.resolve(1)],
])('a listener that returns %s reports nothing', async (_, listener) => {
  const report = jest.fn();
  callListener(listener, report);
  await settled();
  expect(report).not.toHaveBeenCalled();
});

test.each([
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['is rejected', async () => Promise.reject(new Error('mine'))],
])('a listener that %s is reported once', async (_, listener) => {
  const report = jest.fn();
  callListener(listener, report);
  await settled();
  expect(report.mock.calls).toEqual([[new Error('mine')]]);
});

test("without the platform's `reportError`, an error is shown on the console, and thrown in a separate task", () => {
  const shown = jest.spyOn(console, 'error').mockImplementation();
  reportUncaught('mine');
  expect(shown.mock.calls).toEqual([['mine']]);

  const later = jest.spyOn(globalThis, 'setTimeout').mockImplementation();
  throwElsewhere(new Error('mine'));
  expect(later.mock.calls[0]?.[0]).toThrow('mine');
});

test("the platform's `reportError` gets both errors", () => {
  platform.reportError = jest.fn();
  reportUncaught(1);
  throwElsewhere(2);
  expect(platform.reportError).toHaveBeenNthCalledWith(1, 1);
  expect(platform.reportError).toHaveBeenNthCalledWith(2, 2);
});
