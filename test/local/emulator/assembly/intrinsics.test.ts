// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written so
import fc from 'fast-check';
import { evaluateCondition } from '../../../../local/emulator/assembly/conditions';
import { AssemblyError } from '../../../../local/emulator/assembly/errors';
import { evaluate, type IntrinsicContext, NO_VALUE } from '../../../../local/emulator/assembly/intrinsics';

/** A stack with the values that the tests name. Like a real stack, it fails for all others. */
class FakeStack implements IntrinsicContext {
  public constructor(
    private readonly refs: Record<string, unknown> = {},
    private readonly conditions: Record<string, boolean> = {},
  ) {}

  public ref(name: string, path: string): unknown {
    return name in this.refs ? this.refs[name] : this.fail(`no ${name}`, path);
  }

  public getAtt(logicalId: string, attribute: string): unknown {
    return `${logicalId}->${attribute}`;
  }

  public importValue(exportName: string): unknown {
    return `imported ${exportName}`;
  }

  public condition(name: string, path: string): boolean {
    return this.conditions[name] ?? this.fail(`no condition ${name}`, path);
  }

  public findInMap(map: string, topKey: string, secondKey: string): unknown {
    return `${map}/${topKey}/${secondKey}`;
  }

  public fail(problem: string, path: string): never {
    throw new AssemblyError(problem, 'Stack', path);
  }
}

const STACK = new FakeStack(
  { Name: 'table-1', Count: 3, List: ['a', 'b'], 'AWS::Region': 'us-east-1', 'AWS::NoValue': NO_VALUE },
  { Yes: true, No: false },
);

function resolve(value: unknown): unknown {
  return evaluate(value, STACK, 'P');
}

describe('intrinsic functions', () => {
  test.each([
    ['Ref', { Ref: 'Name' }, 'table-1'],
    ['Ref to a list', { Ref: 'List' }, ['a', 'b']],
    ['Fn::GetAtt', { 'Fn::GetAtt': ['Q', 'Arn'] }, 'Q->Arn'],
    ['Fn::GetAtt with a dotted attribute', { 'Fn::GetAtt': ['Nested', 'Outputs.X'] }, 'Nested->Outputs.X'],
    ['Fn::GetAtt in its short form', { 'Fn::GetAtt': 'Nested.Outputs.X' }, 'Nested->Outputs.X'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Name' }, 1, true]] }, 'a-table-1-1-true'],
    ['Fn::Join of a list parameter', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    ['Fn::Join of nothing', { 'Fn::Join': [',', []] }, ''],
    ['Fn::Sub', { 'Fn::Sub': 'arn:${AWS::Region}:${Name}:${Q.Arn}' }, 'arn:us-east-1:table-1:Q->Arn'],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${x}${Name}', { x: { Ref: 'Count' } }] }, '3table-1'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!Name} ${Name}' }, '${Name} table-1'],
    ['Fn::Select', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::Split', { 'Fn::Split': ['||', 'a||b||'] }, ['a', 'b', '']],
    ['Fn::If, true', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    ['Fn::If, false', { 'Fn::If': ['No', 'a', { Ref: 'Name' }] }, 'table-1'],
    ['Fn::If, without reading the other branch', { 'Fn::If': ['Yes', 1, { Ref: 'Missing' }] }, 1],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, 'M/us-east-1/k'],
    ['Fn::ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'Other:${Name}' } }, 'imported Other:table-1'],
    ['Fn::Base64', { 'Fn::Base64': 'user data' }, 'dXNlciBkYXRh'],
    ['Fn::GetAZs', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['Fn::Length', { 'Fn::Length': { Ref: 'List' } }, 2],
    ['Fn::ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Count' } } }, '{"a":3}'],
    ['AWS::NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['AWS::NoValue in a list', [1, { 'Fn::If': ['No', 2, { Ref: 'AWS::NoValue' }] }], [1]],
    ['an object with a key next to Ref is data', { Ref: 'Name', other: 1 }, { Ref: 'Name', other: 1 }],
  ])('intrinsic functions: %s', (_name, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  test.each([
    ['an unknown function', { a: { 'Fn::Nope': 1 } }, 'Stack: P.a: Fn::Nope is not supported by the local run'],
    ['a missing reference', { a: [{ Ref: 'Missing' }] }, 'Stack: P.a.0.Ref: no Missing'],
    ['a Fn::Join of an object', { 'Fn::Join': ['', [{}]] }, 'Stack: P.Fn::Join.1.0: expected a string, got: {}'],
    [
      'a Fn::Select outside',
      { 'Fn::Select': [2, ['a']] },
      'Stack: P.Fn::Select: the index must be between 0 and 0, got: 2',
    ],
    ['a Fn::If of two', { 'Fn::If': ['Yes', 1] }, 'Stack: P.Fn::If: expected an array of 3, got: ["Yes",1]'],
    ['an empty delimiter', { 'Fn::Split': ['', 'a'] }, 'Stack: P.Fn::Split: the delimiter is empty'],
  ])('%s is refused with its place', (_name, value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });

  test('a value without functions stays unchanged', () => {
    const plainKeys = fc.string().filter((key) => key !== 'Ref' && !key.startsWith('Fn::'));
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(plainKeys, fc.jsonValue()), (item, record) => {
        const value = JSON.parse(JSON.stringify([item, record])) as unknown;
        fc.pre(!JSON.stringify(value).includes('"Ref"') && !JSON.stringify(value).includes('Fn::'));
        expect(resolve(value)).toEqual(value);
      }),
    );
  });

  test('Fn::Split reverses Fn::Join', () => {
    const part = fc.string().filter((text) => !text.includes('|'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(resolve({ 'Fn::Split': ['|', { 'Fn::Join': ['|', parts] }] })).toEqual(parts);
      }),
    );
  });

  test('Fn::Sub returns any string without a variable, and any variable between such strings', () => {
    const plain = fc.string().filter((text) => !text.includes('$'));
    fc.assert(
      fc.property(plain, plain, plain, (before, value, after) => {
        expect(resolve({ 'Fn::Sub': [`${before}\${v}${after}`, { v: value }] })).toBe(before + value + after);
      }),
    );
  });
});

describe('conditions', () => {
  const decide = (expression: unknown) => evaluateCondition(expression, STACK, 'C');

  test.each([
    [{ Condition: 'Yes' }, true],
    [{ 'Fn::Equals': [{ Ref: 'Name' }, 'table-1'] }, true],
    [{ 'Fn::Equals': [{ Ref: 'Name' }, 'other'] }, false],
    [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
    [{ 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, true],
  ])('%j is %s', (expression, expected) => {
    expect(decide(expression)).toBe(expected);
  });

  test('an unknown operator is refused', () => {
    expect(() => decide({ 'Fn::Xor': [] })).toThrow('Stack: C: Fn::Xor is not supported in a condition');
  });

  test('not, and, or follow the rules of logic', () => {
    const name = (value: boolean) => ({ Condition: value ? 'Yes' : 'No' });
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (a, b) => {
        const notBoth = decide({ 'Fn::Not': [{ 'Fn::And': [name(a), name(b)] }] });
        const oneIsNot = decide({ 'Fn::Or': [{ 'Fn::Not': [name(a)] }, { 'Fn::Not': [name(b)] }] });
        expect(notBoth).toBe(oneIsNot);
      }),
    );
  });
});
