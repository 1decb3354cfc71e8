import { StreamerError } from 'cdk-streamer-client';
import { duration, fileSize, questionText, wholePercent } from '../../../../examples/reports/web/src/format';
import { adviceFor, isLocal, issuesOf, problemOf, textOf } from '../../../../examples/reports/web/src/problems';
import { readConfig } from '../../../../examples/reports/web/src/setup';
import { issueToken, visitorName } from '../../../../examples/reports/web/src/visitor';
import { MemoryStorage } from './memory-storage';

/** Replaces `fetch`: gives the same answer to each call, and records the calls. */
function answering(body: string, init: ResponseInit = {}) {
  const asked: [string, RequestInit | undefined][] = [];
  const fetcher = async (url: string | URL | Request, request?: RequestInit) => {
    asked.push([String(url), request]);
    return new Response(body, init);
  };
  return { asked, fetcher: fetcher as typeof fetch };
}

const JSON_TYPE = { headers: { 'content-type': 'application/json' } };

describe('the configuration', () => {
  test('the configuration is read from streamer.json', async () => {
    const config = { url: 'ws://127.0.0.1:1/v1', tokenUrl: '/token' };
    await expect(readConfig(answering(JSON.stringify(config), JSON_TYPE).fetcher)).resolves.toEqual(config);
  });

  test.each<[string, string, ResponseInit]>([
    ['there is no such file', 'not found', { status: 404 }],
    ['the host answers with the page', '<!doctype html>', { headers: { 'content-type': 'text/html' } }],
    ['it names no address', '{"tokenUrl":"/token"}', JSON_TYPE],
  ])('the configuration is missing when %s', async (_, body, init) => {
    await expect(readConfig(answering(body, init).fetcher)).resolves.toBeUndefined();
  });
});

describe('the visitor', () => {
  test('the visitor keeps one name, and nothing else is stored', () => {
    const storage = new MemoryStorage();
    const names = ['a', 'b'].map((random) => visitorName(storage, () => random));
    expect(names).toEqual(['visitor-a', 'visitor-a']);
    expect(storage.values.size).toBe(1);
  });

  test('the visitor gets a token by POST, the name in the body and not in the URL', async () => {
    const { asked, fetcher } = answering('{"token":"abc"}', JSON_TYPE);
    await expect(issueToken('/token', 'visitor-a', fetcher)).resolves.toBe('abc');
    expect(asked).toEqual([
      ['/token', expect.objectContaining({ method: 'POST', body: '{"sub":"visitor-a","tenant":"demo"}' })],
    ]);
  });

  test.each<[string, ResponseInit, string]>([
    ['{}', JSON_TYPE, 'without a token'],
    ['no', { status: 403 }, 'status 403'],
  ])('an endpoint that answers %s is an error', async (body, init, text) => {
    await expect(issueToken('/token', 'v', answering(body, init).fetcher)).rejects.toThrow(text);
  });
});

describe('problems', () => {
  test('problems of the connection are worded for people, those of a report are shown unchanged', () => {
    const failed = new StreamerError('CONNECT_FAILED', 'The token function failed.');
    expect(textOf(problemOf(failed))).toMatch(/cannot be reached/);
    expect(textOf({ code: 'NO_FLIGHTS', message: 'There is no flight.' })).toBe('There is no flight.');
  });

  test('problems keep code, message and details of what was thrown, and survive anything else', () => {
    const error = Object.assign(new Error('Bad.'), { code: 'INVALID_INPUT', details: { issues: [] } });
    expect(problemOf(error)).toEqual({ code: 'INVALID_INPUT', message: 'Bad.', details: { issues: [] } });
    expect([problemOf(undefined).code, problemOf('text').message]).toEqual(['UNKNOWN', 'text']);
  });

  test('problems name each wrong field', () => {
    const details = {
      issues: [
        { path: ['endDate'], message: 'is too late' },
        { path: '', message: 'is no object' },
      ],
    };
    expect(issuesOf({ code: 'INVALID_INPUT', message: '', details })).toEqual(['endDate: is too late', 'is no object']);
    expect(issuesOf({ code: 'INTERNAL', message: '' })).toEqual([]);
  });

  test('problems always have advice', () => {
    expect(adviceFor({ code: 'NO_FLIGHTS', message: '' })).toBe('Choose a longer range of dates.');
    expect(adviceFor({ code: 'toString', message: '' })).toMatch(/^Send the request again\./);
  });

  test('problems of the connection have other advice than those of the request', () => {
    expect(['UNAUTHORIZED', 'HANDLER_ERROR'].map((code) => isLocal({ code, message: '' }))).toEqual([true, false]);
  });
});

describe('texts', () => {
  test('numbers are written with units', () => {
    expect([fileSize(10), fileSize(21_557), fileSize(1_572_864)]).toEqual(['1 KB', '21 KB', '1.5 MB']);
    expect([duration(4210), duration(65_000)]).toEqual(['4.2 s', '1 min 5 s']);
    expect([wholePercent(99.9), wholePercent(100)]).toEqual([99, 100]);
  });

  test('a question is written with its defaults', () => {
    const range = { startDate: '2001-01-01', endDate: '2001-01-31' };
    expect(questionText(range)).toBe('by week and airport of departure');
    expect(questionText({ ...range, group: 'weekday', detail: 'full' })).toBe(
      'by week and day of the week, a page for each',
    );
  });
});
