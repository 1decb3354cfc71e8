import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTemplate, LIMITS } from '../../benchmarks/lib/template-limits';
import { problemsOf } from '../../benchmarks/outsiders/many-actions';

const folder = mkdtempSync(join(tmpdir(), 'many-actions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('200 async and 200 isolated actions of one API are within all limits', () => {
  expect(problemsOf(join(folder, 'own'), { async: 200, isolated: 200 })).toEqual([]);
});

test("200 functions of the user's that answer at once, and 200 in the background, are within all limits", () => {
  expect(problemsOf(join(folder, 'functions'), { function: 200 })).toEqual([]);
  expect(problemsOf(join(folder, 'background'), { asyncFunction: 200 })).toEqual([]);
});

describe('the checker finds templates that AWS would refuse', () => {
  const resources = (count: number, resource: object) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`R${at}`, resource])) as never;
  const statement = (resource: unknown) => ({ Statement: [{ Effect: 'Allow', Action: 'a:B', Resource: resource }] });
  const fn = (properties: object) => ({ Type: 'AWS::Lambda::Function', Properties: properties });

  test.each<[what: string, template: object, bytes: number, problem: string]>([
    ['resources', { Resources: resources(501, { Type: 'A' }) }, 1, 'resources: 501, at most 500'],
    ['parameters', { Parameters: resources(201, {}) }, 1, 'parameters: 201, at most 200'],
    ['outputs', { Outputs: resources(201, {}) }, 1, 'outputs: 201, at most 200'],
    ['bytes', {}, 1_000_001, 'bytes: 1000001, at most 1000000'],
    [
      'names',
      { Resources: { F: fn({ FunctionName: 'x'.repeat(65) }) } },
      1,
      `name of F: 65, at most ${LIMITS.functionName}`,
    ],
    [
      'environments whose ARNs are known at deployment only',
      {
        Resources: {
          F: fn({
            Environment: { Variables: { A: { 'Fn::Join': ['', Array(34).fill({ 'Fn::GetAtt': ['F', 'Arn'] })] } } },
          }),
        },
      },
      1,
      'environment of F: 4183, at most 4096',
    ],
  ])('the checker finds templates that AWS would refuse: %s', (_what, template, bytes, problem) => {
    expect(checkTemplate(template, bytes)).toEqual([problem]);
  });

  test('the checker finds policies of a role that are too large together', () => {
    const policy = (count: number) => ({
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: statement(Array(count).fill({ 'Fn::GetAtt': ['F', 'Arn'] })),
      },
    });
    const template = (count: number) => ({ Resources: { F: fn({}), A: policy(count), B: policy(count) } });
    expect(checkTemplate(template(35) as never, 1)).toEqual([]);
    expect(checkTemplate(template(45) as never, 1)).toEqual([
      expect.stringMatching(/^policies of Role: \d+, at most 10240$/),
    ]);
  });

  test('the checker finds too many managed policies of a role, listed by the role or by the policy', () => {
    const policy = { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: {} } };
    const role = { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/A'] } };
    const template = (count: number) => ({ Resources: { Role: role, ...(resources(count, policy) as object) } });
    expect(checkTemplate(template(9), 1)).toEqual([]);
    expect(checkTemplate(template(10), 1)).toEqual(['managed policies of Role: 11, at most 10']);
  });

  test('the checker finds permissions to invoke one function that are too large together', () => {
    const permission = (name: string) => ({
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': [name, 'Arn'] },
        Principal: 'apigateway.amazonaws.com',
        SourceArn: { 'Fn::Join': ['', ['arn:aws:execute-api:us-east-1:123456789012:', { Ref: 'Api' }, '/*']] },
      },
    });
    const template = (count: number) => ({
      Resources: { F: fn({}), G: permission('G'), ...(resources(count, permission('F')) as object) },
    });
    expect(checkTemplate(template(10) as never, 1)).toEqual([]);
    expect(checkTemplate(template(40) as never, 1)).toEqual([
      expect.stringMatching(/^resource policy of F: \d+, at most 20480$/),
    ]);
  });
});
