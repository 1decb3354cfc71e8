import { browserWake } from '../../../client-sdks/typescript/src/wake';

type Globals = { window?: EventTarget; document?: EventTarget & { visibilityState: string } };
const globals = globalThis as Globals;

/** A browser's window and document, as far as they tell of network and visibility. */
function pretendBrowser() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  globals.window = window;
  globals.document = document;
  return { window, document };
}

afterEach(() => {
  delete globals.window;
  delete globals.document;
});

test('In a browser the client wakes when the network is back and when the page is shown, not when it is hidden', () => {
  const { window, document } = pretendBrowser();
  const callback = jest.fn();
  const stop = browserWake(callback);
  window.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(2);

  stop();
  document.visibilityState = 'visible';
  window.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(2);
});

test('Without a browser nothing happens', () => {
  expect(() => browserWake(() => undefined)()).not.toThrow();
});
