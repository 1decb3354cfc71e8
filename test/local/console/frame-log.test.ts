import { FrameLog } from '../../../local/console/frame-log';
import type { TimingSample } from '../../../local/console/types';
import { redact } from '../../../local/emulator/text/redact';
import type { ConnectionInfo } from '../../../local/emulator/websocket-api';
import { FakeClock } from '../../fakes/fake-clock';

function connection(connectionId: string, authorizer?: ConnectionInfo['authorizer']): ConnectionInfo {
  return { connectionId, connectedAt: 1, lastActiveAt: 2, authorizer };
}

const ANN = { user: 'ann', tenant: 'acme' };

function build() {
  const clock = new FakeClock();
  const samples: TimingSample[] = [];
  const reports: unknown[] = [];
  const log = new FrameLog(clock, redact, {
    onSample: (sample) => samples.push(sample),
    onProgress: (...report) => reports.push(report),
  });
  return { clock, log, samples, reports, observer: log.observer('api/v1') };
}

test('all unknown message types are counted under one name', () => {
  const { log, observer } = build();
  observer.onFrame(connection('c1', ANN), 'in', '{"type":"ping"}');
  for (let i = 0; i < 5000; i++) observer.onFrame(connection('c1', ANN), 'in', `{"type":"type-${i}"}`);
  observer.onFrame(connection('c1', ANN), 'in', '{"type":"__proto__"}');

  expect(log.view('api/v1', connection('c1', ANN)).types).toEqual({ ping: 1, other: 5001 });
});

test('the log keeps no token of a frame', () => {
  const { log, observer } = build();
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
  observer.onFrame(connection('c1', ANN), 'in', JSON.stringify({ type: 'auth.refresh', token }));

  expect(log.framesOf('c1')[0]?.text).toBe('{"type":"auth.refresh","token":"[token]"}');
});

test('the log lists the inputs of the requests for an action, the latest first', () => {
  const { log, observer } = build();
  const frames = [
    '{"type":"request","id":"1","action":"a","input":{"n":1}}',
    '{"type":"request","id":"2","action":"b","input":2}',
    '{"type":"request","id":"3","action":"a"}',
    `{"type":"request","id":"4","action":"a","input":"${'x'.repeat(20_000)}"}`,
    '{"type":"request","id":"5","action":"a","input":[]}',
  ];
  for (const frame of frames) observer.onFrame(connection('c1', ANN), 'in', frame);

  expect(log.inputsOf('a')).toEqual([[], { n: 1 }]);
});

test('the log counts the frames of each connection, and forgets closed ones except the latest', () => {
  const { log, observer } = build();
  observer.onFrame(connection('c1', ANN), 'in', '{"type":"request","id":"r","action":"a"}');
  observer.onFrame(connection('c1', ANN), 'in', 'rubbish');
  observer.onFrame(connection('c1', ANN), 'out', '{"type":"ack","id":"r"}');
  expect(log.view('api/v1', connection('c1', ANN))).toMatchObject({
    user: 'ann',
    tenant: 'acme',
    framesIn: 2,
    framesOut: 1,
    bytesIn: 47,
    types: { request: 1, other: 1 },
  });
  for (let i = 0; i < 30; i++) observer.onClosed(connection(`x${i}`), 1000);
  observer.onClosed(connection('c1', ANN), 1006);
  expect(log.closedConnections()).toHaveLength(20);
  expect(log.closedConnections()[0]).toMatchObject({ connectionId: 'c1', framesIn: 2, closed: { code: 1006 } });
  expect(log.view('api/v1', connection('c1', ANN)).framesIn).toBe(0);
});

test('the log finds the frames of a request on every connection of its user, and of nobody else', () => {
  const { log, observer } = build();
  observer.onFrame(connection('c1', ANN), 'in', '{"type":"request","id":"r","action":"a"}');
  observer.onFrame(connection('c2', ANN), 'out', '{"type":"event","id":"r","offset":0}');
  observer.onFrame(connection('c3', { user: 'bob', tenant: 'acme' }), 'out', '{"type":"event","id":"r","offset":0}');
  expect(log.framesOfRequest('acme', 'ann', 'r').map(({ connectionId }) => connectionId)).toEqual(['c1', 'c2']);
  expect(log.framesOf('c3')).toHaveLength(1);
});

test('the log measures a request that continues on another connection', () => {
  const { clock, observer, samples } = build();
  observer.onFrame(connection('c1', ANN), 'in', '{"type":"request","id":"r","action":"a"}');
  clock.advance(10);
  observer.onFrame(connection('c1', ANN), 'out', '{"type":"ack","id":"r"}');
  clock.advance(90);
  observer.onFrame(connection('c2', ANN), 'out', '{"type":"result","id":"r","offset":1,"result":null}');
  expect(samples.map(({ kind, ms }) => [kind, ms])).toEqual([
    ['ack', 10],
    ['done', 90],
  ]);
});

test('progress is reported, and only the beginning of a frame is kept', () => {
  const { log, observer, reports } = build();
  observer.onFrame(
    connection('c1', ANN),
    'out',
    '{"type":"progress","id":"r","run":1,"attempt":1,"fence":1,"seq":3,"percentage":5}',
  );
  expect(reports).toEqual([['["acme","ann"]', 'r', { fence: 1, seq: 3, percentage: 5, message: undefined }]]);
  observer.onFrame(connection('c1', ANN), 'in', 'x'.repeat(100_000));
  expect(log.framesOf('c1').at(-1)).toMatchObject({ bytes: 100_000, text: 'x'.repeat(16 * 1024) });
});

test('two users without an authorizer are distinguished by their connections', () => {
  const { observer, samples } = build();
  observer.onFrame(connection('c1'), 'in', '{"type":"request","id":"r","action":"a"}');
  observer.onFrame(connection('c2'), 'out', '{"type":"response","id":"r","result":1}');
  expect(samples).toEqual([]);
});
