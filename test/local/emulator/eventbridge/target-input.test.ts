import { type BusEvent, compileInput, compilePath, JsonPathError } from '../../../../local/emulator/eventbridge';

const event: BusEvent = {
  version: '0',
  id: 'e1',
  'detail-type': 'Order',
  source: 'shop',
  account: '123456789012',
  time: '2026-01-31T10:00:00Z',
  region: 'eu-west-1',
  resources: ['r0', 'r1'],
  detail: { id: 7, text: 'a "b"', items: [{ n: 1 }, { n: 2 }], 'a-b': { c: true } },
};
const rule = { ruleName: 'orders', ruleArn: 'arn:aws:events:eu-west-1:123456789012:rule/orders' };

const render = (template: string, paths: Record<string, string> = {}): unknown =>
  JSON.parse(compileInput({ transformer: { paths, template } }, rule)(event));

test('BUS-02 a target without an input gets the event', () => {
  expect(JSON.parse(compileInput({}, rule)(event))).toEqual(event);
});

test('BUS-02 Input replaces the event, InputPath chooses a part of it', () => {
  expect(compileInput({ input: '{"x":1}' }, rule)(event)).toBe('{"x":1}');
  expect(compileInput({ inputPath: '$.detail.a-b' }, rule)(event)).toBe('{"c":true}');
  expect(compileInput({ inputPath: '$.detail.none' }, rule)(event)).toBe('null');
});

test.each([
  ['$', event],
  ['$.detail.id', 7],
  ['$.detail-type', 'Order'],
  ['$.resources[1]', 'r1'],
  ['$.detail.items[*].n', [1, 2]],
  ['$.detail.items[5].n', undefined],
  ['$.detail.toString', undefined],
])('BUS-02 the path %s', (path, expected) => {
  expect(compilePath(path)(event)).toEqual(expected);
});

test.each(['detail.id', '$..id', '$.detail[?(@.n)]', '$.detail.', ''])('BUS-02 the path %p is refused', (path) => {
  expect(() => compilePath(path)).toThrow(JsonPathError);
});

test('BUS-03 in a template, values are JSON, and strings within quotes', () => {
  const paths = { id: '$.detail.id', text: '$.detail.text', items: '$.detail.items', none: '$.detail.none' };

  expect(render('{"id": <id>, "text": <text>, "items": <items>}', paths)).toEqual({
    id: 7,
    text: 'a "b"',
    items: [{ n: 1 }, { n: 2 }],
  });
  expect(render('"order <id>: <text> \\"<id>\\""', paths)).toBe('order 7: a "b" "7"');
  expect(render('{"a": "<items>", "b": <none>, "c": "<none>!"}', paths)).toEqual({
    a: '[{"n":1},{"n":2}]',
    b: '',
    c: '!',
  });
});

test('BUS-03 a template has the predefined variables, and keeps unknown ones unchanged', () => {
  const { detail: _, ...rest } = event;
  expect(
    render(
      '{"r": <aws.events.rule-arn>, "n": "<aws.events.rule-name> <b>", "t": <aws.events.event.ingestion-time>, "e": <aws.events.event>, "j": <aws.events.event.json>}',
    ),
  ).toEqual({ r: rule.ruleArn, n: 'orders <b>', t: event.time, e: rest, j: event });
});

test('BUS-03 an input that is not JSON is refused when the rule is created', () => {
  expect(() => compileInput({ input: '{' }, rule)).toThrow(SyntaxError);
});
