import { preview, titleOf } from '../../../../local/console/web/logic/frame';

test.each([
  ['{"type":"error","id":"r1","for":"request","error":{"code":"INVALID_INPUT","message":"no"}}', 'error INVALID_INPUT'],
  ['{"type":"error","error":{"message":"no"}}', 'error'],
  ['{"type":"result","id":"r1","result":{"error":{"code":"X"}}}', 'result'],
  ['hello', 'text'],
])('the title of the frame %s is its type, with the code of an error', (text, title) => {
  expect(titleOf(text)).toBe(title);
});

test('the preview of a frame leaves out the type', () => {
  expect(preview('{"type":"pong","id":"p1"}')).toBe('{"id":"p1"}');
});
