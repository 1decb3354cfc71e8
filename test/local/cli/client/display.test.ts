import { StreamerError } from '../../../../client-sdks/typescript/src';
import { humanDisplay, jsonDisplay } from '../../../../local/cli/client/display';

let out: string[];
let err: string[];
let drawn: string[];

beforeEach(() => {
  out = [];
  err = [];
  drawn = [];
});

const io = () => ({ write: (line: string) => out.push(line), tell: (line: string) => err.push(line) });
const onTerminal = () => ({ ...io(), draw: (text: string) => drawn.push(text) });
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors are control characters
const plain = (text: string | undefined) => text?.replaceAll(/\u001b\[[0-9;]*m/g, '');

test('on a terminal the progress bar is updated in its line, and removed before other output', () => {
  const display = humanDisplay(onTerminal());
  display.progress({ percentage: 50, message: 'half\nway', run: 1, attempt: 1 });
  display.event({ name: 'row', data: { n: 1 }, offset: 3 });
  display.progress({ percentage: 100, run: 1, attempt: 2 });
  display.result({ done: true });

  const bar = `${'█'.repeat(12)}${'░'.repeat(12)} 50 % half way`;
  expect(drawn.map(plain)).toEqual([
    `\r\u001b[2K${bar}`,
    '\r\u001b[2K',
    `\r\u001b[2K${bar}`,
    `\r\u001b[2K${'█'.repeat(24)} 100 % (attempt 2)`,
    '\r\u001b[2K',
  ]);
  expect(err.map(plain)).toEqual(['row {"n":1}']);
  expect(out).toEqual(['{\n  "done": true\n}']);
});

test('no output of a handler or a server controls the terminal', () => {
  const hostile = '\u001b]0;X\u0007\r\u001b[2K\u009b\u202e';
  const shown = '\\u001b]0;X\\u0007\\r\\u001b[2K\\u009b\\u202e';
  const display = humanDisplay(io());
  display.begun(hostile);
  display.progress({ percentage: 1, message: `a\n${hostile}`, run: 1, attempt: 1 });
  display.event({ name: hostile, data: { [hostile]: hostile }, offset: 1 });
  display.note(hostile);
  display.error(new StreamerError(hostile as never, hostile, { details: { at: hostile } }), { hint: hostile });
  display.left(hostile, 'over');
  display.result({ [hostile]: hostile });
  const json = jsonDisplay(io());
  json.result(hostile);
  json.note(hostile);

  const all = [...err, ...out].map((line) => plain(line) ?? '');
  expect(all.filter((line) => /[\p{Cc}\p{Bidi_Control}]/u.test(line.replaceAll('\n', '')))).toEqual([]);
  expect(err.map(plain)).toContain(`1 % a ${shown.replace('\\r', ' ')}`);
  expect(JSON.parse(out[0] ?? '')).toEqual({ [hostile]: hostile });
  expect(JSON.parse(out[1] ?? '')).toEqual({ type: 'result', result: hostile });
});

test('a long message is truncated, so that the bar stays one line', () => {
  humanDisplay(onTerminal()).progress({ percentage: 1, message: 'x'.repeat(500), run: 1, attempt: 1 });

  expect((plain(drawn[0]) ?? '').length).toBeLessThan(80);
});

test('without a terminal, each progress report is one line, and no line is repeated', () => {
  const display = humanDisplay(io());
  for (const percentage of [10.2, 10.7, 11]) display.progress({ percentage, run: 1, attempt: 1 });
  display.error(new StreamerError('NO_DATA', 'There is none.', { details: { day: 1 } }));

  expect(err.map(plain)).toEqual(['10 %', '11 %', 'error: NO_DATA: There is none.', '{\n  "day": 1\n}']);
  expect(out).toEqual([]);
});

test('an error is shown with the thrown error and with an address in the console', () => {
  const thrown = { title: 'TypeError: no', place: 'run (handlers/a.ts:1:2)' };
  const error = new StreamerError('HANDLER_ERROR', 'The handler failed.');
  humanDisplay(io()).error(error, { thrown, console: 'http://127.0.0.1:4000/_console/#/requests?q=r' });
  jsonDisplay(io()).error(error, { thrown });

  expect(err.map(plain)).toEqual([
    'error: HANDLER_ERROR: The handler failed.',
    '  TypeError: no\n    at run (handlers/a.ts:1:2)',
    '  http://127.0.0.1:4000/_console/#/requests?q=r',
  ]);
  expect(JSON.parse(out[0] ?? '')).toMatchObject({ type: 'error', error: { code: 'HANDLER_ERROR' }, thrown });
});

test('all output for a program is a line of JSON on stdout', () => {
  const display = jsonDisplay(io());
  display.begun('r1');
  display.note('trying again');
  display.error(new StreamerError('UNAVAILABLE', 'Later.'));
  display.left('r1', 'interrupted');

  expect(out.map((line) => JSON.parse(line))).toEqual([
    { type: 'request', id: 'r1' },
    { type: 'note', message: 'trying again' },
    { type: 'error', error: { code: 'UNAVAILABLE', message: 'Later.', retryable: true } },
    { type: 'left', id: 'r1', reason: 'interrupted' },
  ]);
  expect(err).toEqual([]);
});
