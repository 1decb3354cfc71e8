import { join } from 'node:path';
import * as ts from 'typescript';
import { type Api, declarationsOf, ENTRIES, membersOf, readExports } from './support/program';
import { placeOf, ROOT } from './support/sources';

/** Every name that users can import must have a comment, and so must every member of a class or interface that the construct library exports. */
const hasComment = (node: ts.Node): boolean =>
  ts.getJSDocCommentsAndTags(commented(node)).some((each) => ts.isJSDoc(each) && comment(each) !== '');

const comment = (doc: ts.JSDoc): string => ts.getTextOfJSDocComment(doc.comment)?.trim() ?? '';

/** Returns the node that has the comment. For `export const x = …`, that is the statement. */
const commented = (node: ts.Node): ts.Node => (ts.isVariableDeclaration(node) ? node.parent.parent : node);

function undocumented(api: Api, packageName: string, withMembers: boolean): string[] {
  return [...api.exportsOf(packageName)].flatMap(([name, symbol]) => {
    const declarations = declarationsOf(symbol);
    const itself =
      declarations.length > 0 && !declarations.some(hasComment) ? [`${placeOf(declarations[0])}: ${name}`] : [];
    return withMembers
      ? [...itself, ...declarations.flatMap((declaration) => silentMembers(name, declaration))]
      : itself;
  });
}

function silentMembers(name: string, declaration: ts.Declaration): string[] {
  return membersOf(declaration)
    .filter((member) => !ts.isConstructorDeclaration(member) && !isOverride(member) && !hasComment(member))
    .map((member) => `${placeOf(member)}: ${name}.${member.name?.getText()}`);
}

/** Whether a member overrides another one. The overridden member has the comment. */
const isOverride = (member: ts.Node): boolean =>
  (ts.getCombinedModifierFlags(member as ts.Declaration) & ts.ModifierFlags.Override) !== 0;

const api = readExports();

test.each(Object.keys(ENTRIES))('every name that %s exports has a comment', (packageName) => {
  expect(undocumented(api, packageName, packageName === 'cdk-streamer')).toEqual([]);
});

test('names and members without a comment are found', () => {
  const file = join(ROOT, 'src/made-up.ts');
  const text = `/** Documented. */
export interface Documented {
  readonly silent: string;
  /** Documented. */
  readonly noted: string;
}
export const mute = 1;
/** @deprecated */
export class Tagged { private readonly hidden = 1; }`;
  const made = readExports({ made: 'src/made-up.ts' }, new Map([[file, text]]));
  expect(undocumented(made, 'made', true)).toEqual([
    'src/made-up.ts:3: Documented.silent',
    'src/made-up.ts:7: mute',
    'src/made-up.ts:9: Tagged',
  ]);
});

test('an exported name whose declaration the guard does not read is refused', () => {
  const made = readExports(
    { made: 'src/made-up.ts' },
    new Map([[join(ROOT, 'src/made-up.ts'), "import { StreamerApi } from './streamer-api';\nexport { StreamerApi };"]]),
  );
  expect(() => made.exportsOf('made')).toThrow('the declaration of StreamerApi of made is unknown');
});
