import { frameKind, progressReport } from '../../../local/console/frame-kind';

test('the kind is read from the fields that identify a frame, in any order of its fields', () => {
  expect(frameKind('{"id":"r-1","input":{"id":"other"},"action":"report","type":"request"}')).toMatchObject({
    type: 'request',
    id: 'r-1',
    action: 'report',
  });
  expect(frameKind('{"type":"result","id":"r-1","offset":7,"run":1,"result":{}}')).toMatchObject({ offset: 7 });
  expect(frameKind('{"type":"ack","id":"r-1","replayed":true}')).toMatchObject({ replayed: true });
});

test('the kind of a long frame is read from its beginning', () => {
  const result = JSON.stringify({
    type: 'result',
    id: 'r-1',
    offset: 12,
    run: 1,
    result: { id: 'x', text: 'y'.repeat(9000) },
  });
  expect(frameKind(result)).toMatchObject({ type: 'result', id: 'r-1', offset: 12 });
});

test('a frame that is not a JSON object has no kind', () => {
  expect(frameKind('hello')).toEqual({});
  expect(frameKind('null')).toEqual({});
  expect(frameKind('{"type":7,"id":null}')).toMatchObject({ type: undefined, id: undefined });
});

test('a progress frame and the stored head contain the same report', () => {
  const { progress } = frameKind(
    '{"type":"progress","id":"r","run":2,"attempt":1,"fence":2,"seq":5,"percentage":40,"message":"half"}',
  );
  expect(progress).toEqual({ fence: 2, seq: 5, percentage: 40, message: 'half' });
  expect(
    progressReport({ run: 2, attempt: 1, fence: 2, seq: 5, percentage: 40, message: 'half', viewersVersion: 1 }),
  ).toEqual(progress);
});
