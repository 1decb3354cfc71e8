import { Recorder } from '../../../local/console';
import { redact } from '../../../local/emulator/text/redact';
import { FakeClock } from '../../fakes/fake-clock';

test('the recorder keeps lines with their time, without tokens', () => {
  const clock = new FakeClock();
  const recorder = new Recorder(clock, redact);
  const seen: number[] = [];
  recorder.onLine(({ seq }) => seen.push(seq));
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';
  recorder.log({ source: 'Router', level: 'info', message: `got ${token}`, detail: token, below: [`at ${token}`] });
  clock.advance(5);
  recorder.log({ source: 'run', level: 'error', message: 'failed' });
  const [first, second] = recorder.logLines();
  expect(JSON.stringify(recorder.logLines())).not.toContain('eyJ');
  expect(first).toMatchObject({ seq: 1, source: 'Router', message: 'got [token]' });
  expect(second).toMatchObject({ seq: 2, at: first.at + 5, level: 'error' });
  expect(seen).toEqual([1, 2]);
});

test('a removed listener gets nothing more, because the recorder is used longer than one run', () => {
  const recorder = new Recorder(new FakeClock(), redact);
  const seen: string[] = [];
  const leave = recorder.onLine(({ message }) => seen.push(message));
  recorder.log({ source: 'run', level: 'info', message: 'before' });
  leave();
  recorder.log({ source: 'run', level: 'info', message: 'after' });

  expect(seen).toEqual(['before']);
  expect(recorder.logLines().map(({ message }) => message)).toEqual(['before', 'after']);
});

test('a function that writes many lines evicts only its own lines', () => {
  const recorder = new Recorder(new FakeClock(), redact);
  recorder.log({ source: 'Quiet', level: 'warn', message: 'once' });
  for (let i = 0; i < 5000; i++) recorder.log({ source: 'Chatty', level: 'info', message: `line ${i}` });
  recorder.log({ source: 'Huge', level: 'info', message: 'x'.repeat(3 * 1024 * 1024) });
  recorder.log({ source: 'Huge', level: 'info', message: 'after' });

  const lines = recorder.logLines();
  expect(lines.find(({ source }) => source === 'Quiet')?.message).toBe('once');
  expect(lines.filter(({ source }) => source === 'Chatty').map(({ message }) => message)).toEqual(
    Array.from({ length: 1500 }, (_, i) => `line ${3500 + i}`),
  );
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map(({ seq }) => seq).sort((a, b) => a - b));
});

test('the recorder keeps the error that a request threw, without tokens', () => {
  const recorder = new Recorder(new FakeClock(), redact);
  const seen: string[] = [];
  recorder.onFailure(({ id }) => seen.push(id));
  const title = 'Error: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';
  recorder.log({ source: 'F', level: 'error', message: 'm', subject: { id: 'r-1' }, thrown: { title } });

  expect(seen).toEqual(['r-1']);
  expect(recorder.failures.of('r-1')).toMatchObject([{ title: 'Error: [token]' }]);
});

test('the recorder counts invocations, cold starts and errors, and keeps the durations of the last invocations', () => {
  const clock = new FakeClock();
  const recorder = new Recorder(clock, redact);
  for (let ms = 1; ms <= 300; ms++) recorder.invoked('f', { durationMs: ms, initMs: ms === 1 ? 90 : undefined });
  clock.advance(7);
  recorder.invoked('f', { durationMs: 301, errorType: 'TypeError' });
  expect(recorder.invocations.of('f')).toEqual({
    invocations: 301,
    coldStarts: 1,
    errors: 1,
    lastError: 'TypeError',
    lastAt: clock.now(),
    p50: 201,
    p95: 291,
  });
  expect(recorder.invocations.of('other')).toEqual({ invocations: 0, coldStarts: 0, errors: 0 });
});
