import { redact } from '../../../../local/emulator/text/redact';
import type { LogEvent } from '../../../../local/emulator/types';
import { shortNames } from '../../../../local/run/from-template/short-names';
import { describeMessage } from '../../../../local/run/log/describe-message';
import { printer } from '../../../../local/run/log/print';
import { gatewayLog, namingFunctions } from '../../../../local/run/log/run-log';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

describe('the name of a message', () => {
  test.each([
    ['{"type":"request","action":"echo","id":"r-1","input":{"secret":1}}', 'request echo r-1 (66 bytes)'],
    ['{"type":"request","id":"1f2fbef59e1f87e44e17abfaef58c58c"}', 'request 1f2fbef5… (58 bytes)'],
    ['{"type":"ping"}', 'ping (15 bytes)'],
    ['{"action":{"a":1}}', 'a message of 18 bytes'],
    ['not json', 'a message of 8 bytes'],
    ['null', 'a message of 4 bytes'],
  ])('the name of a message: %s', (body, expected) => {
    expect(describeMessage(body)).toBe(expected);
  });

  test('no long id gets into the log', () => {
    expect(describeMessage(JSON.stringify({ type: 'request', id: 'x'.repeat(500) })).length).toBeLessThan(100);
  });
});

describe('redaction', () => {
  test.each([
    [`Bearer ${TOKEN}`, 'Bearer [token]'],
    [`{"token":"${TOKEN}"}`, '{"token":"[token]"}'],
    ['GET /b/k?X-Amz-Signature=abc&x=1', 'GET /b/k?X-Amz-Signature=[…]&x=1'],
    ['an ordinary line', 'an ordinary line'],
  ])('redaction: %s', (line, expected) => {
    expect(redact(line)).toBe(expected);
  });
});

describe('printing', () => {
  const print = (event: LogEvent, verbose = false) => {
    const lines: string[] = [];
    printer({ write: (line) => lines.push(line), verbose, colors: false, now: () => 0 })(event);
    return lines;
  };

  test('an event is one line with the time, the source and the message', () => {
    expect(print({ source: 'gateway', level: 'info', message: 'two\nlines', detail: 'more' })).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d gateway {16}two lines$/),
    ]);
  });

  test('no input from outside controls the terminal or adds a line', () => {
    const hostile = '\u001b]0;X\u0007\r\u001b[2K\u009b1m\u202e\u001b[31mred\u001b[0m';
    const shown = '\\u001b]0;X\\u0007\\r\\u001b[2K\\u009b1m\\u202ered';
    const event = {
      source: hostile,
      level: 'info',
      message: `a\n${hostile}`,
      below: [`x\r${hostile}`],
      detail: `b\n\tc${hostile}`,
    } as const;
    const lines = print(event, true);
    expect(lines[0]).toBe(`${lines[0]?.slice(0, 8)} ${shown} a ${shown}`);
    expect(lines.slice(1)).toEqual([`         x\\r${shown}`, `         b\n         \tc${shown}`]);
  });

  test('details are printed on request', () => {
    expect(print({ source: 's', level: 'error', message: 'm', detail: `a ${TOKEN}\nb` }, true)[1]).toBe(
      '         a [token]\n         b',
    );
  });

  test('the lines below an error are always printed, without tokens', () => {
    expect(
      print({ source: 's', level: 'error', message: 'm', below: ['at run (a.ts:1:2)', `x ${TOKEN}`] }).slice(1),
    ).toEqual(['         at run (a.ts:1:2)', '         x [token]']);
  });

  test('a token never gets to the terminal, nor does a long body', () => {
    const [line] = print({ source: 's', level: 'info', message: `${TOKEN} ${'x'.repeat(5000)}` });
    expect(line).not.toContain('eyJ');
    expect(line?.length).toBeLessThan(500);
  });
});

describe('names', () => {
  test.each([
    [
      ['App/S/Router/Function', 'App/S/Sweeper/Function'],
      ['Router', 'Sweeper'],
    ],
    [
      ['App/S/Router', 'App/Other'],
      ['Router', 'Other'],
    ],
    [
      ['One/F/Function', 'Two/F/Function'],
      ['One', 'Two'],
    ],
    [
      ['App/One/F/X', 'App/Two/F/Y', 'App/Two/F/X'],
      ['One/F/X', 'Y', 'Two/F/X'],
    ],
    [['App/F'], ['F']],
    [
      ['App/A', 'App/A/B'],
      ['A', 'B'],
    ],
    [[], []],
  ])('%j are shortened to %j', (paths, expected) => {
    expect(shortNames(paths)).toEqual(expected);
  });

  test('functions are named by their constructs', () => {
    const events: LogEvent[] = [];
    const resource = (path: string) => ({ path, ref: () => `physical-${path}` }) as never;
    const log = namingFunctions((event) => events.push(event), [resource('App/One'), resource('App/Two')]);
    log({ source: 'physical-App/Two', level: 'info', message: 'ok' });
    log({ source: 'gateway', level: 'info', message: 'ok' });

    expect(events.map(({ source }) => source)).toEqual(['Two', 'gateway']);
  });
});

describe("a gateway's lines", () => {
  const through = (message: string, verbose = false, level: LogEvent['level'] = 'info') => {
    const lines: string[] = [];
    gatewayLog((event) => lines.push(event.message), verbose)({ source: 'gateway', level, message });
    return lines;
  };

  test('connection ids are shortened', () => {
    expect(through('Abcdefghijklmn= $connect: 200 in 5 ms')).toEqual(['Abcdef… $connect: 200 in 5 ms']);
  });

  test('successful steps of a message are reported only on demand', () => {
    expect(through('Abcdefghijklmn= $default: 200 in 5 ms')).toEqual([]);
    expect(through('Abcdefghijklmn= $default: 200 in 5 ms', true)).toEqual(['Abcdef… $default: 200 in 5 ms']);
    expect(through('Abcdefghijklmn= $default: 502', false, 'warn')).toEqual(['Abcdef… $default: 502']);
  });
});
