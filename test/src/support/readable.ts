import type { Template } from 'aws-cdk-lib/assertions';

/** Returns a logical id without the construct's name before it and the hash after it. */
const shortId = (logicalId: string): string => logicalId.replace(/^Streamer/, '').replace(/[0-9A-F]{8}$/, '');

/** Converts intrinsic functions in a value to strings in `<…>`, so that a test can compare them. */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': att, 'Fn::Join': join } = value as Record<string, never>;
  if (Ref) return `<${shortId(Ref)}>`;
  if (att) return `<${shortId(att[0])}.${att[1]}>`;
  if (join) return (join[1] as unknown[]).map(readable).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, readable(each)]));
}

interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no static shape
  readonly Properties: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly Metadata?: any;
  readonly DeletionPolicy?: string;
}

/** Finds the only resource of a type with this short id. */
export function resource(template: Template, type: string, id: string): Resource {
  const found = Object.entries(template.findResources(type)).filter(([logicalId]) => shortId(logicalId) === id);
  if (found.length !== 1) throw new Error(`${found.length} resources ${type} named ${id}`);
  return readable(found[0][1]) as Resource;
}

export const functionOf = (template: Template, part: string): Resource =>
  resource(template, 'AWS::Lambda::Function', `${part}Function`);

export const environmentOf = (template: Template, part: string): Record<string, string> =>
  functionOf(template, part).Properties.Environment.Variables;

/** Returns the entry of a part's bundle. The template must be synthesized for a local run. */
export const entryOf = (template: Template, part: string): string => {
  const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
  const [, found] = functions.find(([id]) => shortId(id) === `${part}Function`) ?? [];
  return found?.Metadata['cdk-streamer:bundle'].build.stdin.contents;
};

/** Returns all permissions of a part's role as lines `actions on resource`. A condition is appended as ` if condition`. */
export function permissionsOf(template: Template, part: string): string[] {
  const role = functionOf(template, part).Properties.Role.replace('.Arn', '');
  const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap(
    (type) => Object.values(template.findResources(type)).map(readable) as Resource[],
  );
  const own = policies.filter((policy) => policy.Properties.Roles?.includes(role));
  return own.flatMap((policy) => policy.Properties.PolicyDocument.Statement.flatMap(lines)).sort();
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: object;
}

function lines({ Effect, Action, Resource, Condition }: Statement): string[] {
  const actions = [Action].flat().sort().join(' ');
  const condition = Condition ? ` if ${JSON.stringify(Condition)}` : '';
  return [Resource].flat().map((each) => `${Effect} ${actions} on ${each}${condition}`);
}
