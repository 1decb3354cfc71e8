import { describeStackChange, type StackTemplate } from '../../../local/cli/stack-change';

type Resources = NonNullable<StackTemplate['Resources']>;

const assembly = (Resources: Resources, more: object = {}) =>
  new Map<string, StackTemplate>([['App.template.json', { Resources, ...more }]]);

const fn = (Properties: object = {}, Metadata: object = { 'aws:cdk:path': 'App/Streamer/Router/Resource' }) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Code: { S3Key: 'a.zip' }, ...Properties },
  Metadata: { ...Metadata },
});
const bundled = (key: string) =>
  fn({ Code: { S3Key: key } }, { 'aws:asset:path': key, 'cdk-streamer:bundle': { build: { define: key } } });

test('neither the same app nor code that is bundled again when it is saved is a change', () => {
  expect(describeStackChange(assembly({ F: fn() }), assembly({ F: fn() }))).toEqual([]);
  expect(describeStackChange(assembly({ F: bundled('a.zip') }), assembly({ F: bundled('b.zip') }))).toEqual([]);
});

test('code that is not bundled again, memory and other metadata are changes', () => {
  const changed = ['changed: function Streamer/Router'];
  expect(describeStackChange(assembly({ F: fn() }), assembly({ F: fn({ Code: { S3Key: 'b.zip' } }) }))).toEqual(
    changed,
  );
  expect(describeStackChange(assembly({ F: fn() }), assembly({ F: fn({ MemorySize: 512 }) }))).toEqual(changed);
  const actions = { 'aws:cdk:path': 'App/Streamer/Router/Resource', 'cdk-streamer:actions': { echo: 'sync' } };
  expect(describeStackChange(assembly({ F: fn() }), assembly({ F: fn({}, actions) }))).toEqual(changed);
});

test('added and removed resources are named, and those without a name are counted', () => {
  const queue = { Type: 'AWS::SQS::Queue' };
  const permission = { Type: 'AWS::Lambda::Permission' };
  const before = assembly({ F: fn(), Old: queue });
  const after = assembly({ F: fn(), New: queue, P: permission, Q: permission });
  expect(describeStackChange(before, after)).toEqual([
    'new: queue App/New, 2 other resources',
    'removed: queue App/Old',
  ]);
});

test('without a construct path, a resource is named by its logical id without the hash', () => {
  const id = 'StreamerProcessorsexportFF69E532';
  const after = assembly({ F: fn(), [id]: fn({}, {}) });
  expect(describeStackChange(assembly({ F: fn() }), after)).toEqual(['new: function App/StreamerProcessorsexport']);
});

test('outputs are a change, too', () => {
  const before = assembly({ F: fn() }, { Outputs: { Url: { Value: 'a' } } });
  const after = assembly({ F: fn() }, { Outputs: { Url: { Value: 'b' } } });
  expect(describeStackChange(before, after)).toEqual(['changed: outputs or parameters']);
});
