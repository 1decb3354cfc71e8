import * as ts from 'typescript';
import { type Api, declarationsOf, membersOf, original } from './program';
import { nodesOf, pathOf, placeOf } from './sources';

/** An optional property of a struct, with what its comment says of the default. */
export interface OptionalProp {
  readonly name: string;
  readonly place: string;
  readonly declaration: ts.PropertySignature;
  /** The text after `@default`. */
  readonly said?: string;
}

/** Where the code gives a property its default: `props.x ?? 1`, or `{ x = 1 }`. */
interface Applied {
  readonly place: string;
  readonly value: string;
}

/** The optional properties of all structs that a package exports. */
export function optionalProps(api: Api, packageName: string): OptionalProp[] {
  return [...api.exportsOf(packageName)].flatMap(([struct, symbol]) =>
    declarationsOf(symbol)
      .flatMap(membersOf)
      .filter(
        (member): member is ts.PropertySignature => ts.isPropertySignature(member) && Boolean(member.questionToken),
      )
      .map((declaration) => ({
        name: `${struct}.${declaration.name.getText()}`,
        place: placeOf(declaration),
        declaration,
        said: defaultOf(declaration),
      })),
  );
}

function defaultOf(declaration: ts.Node): string | undefined {
  const tag = ts.getJSDocTags(declaration).find(({ tagName }) => tagName.text === 'default');
  return tag && ts.getTextOfJSDocComment(tag.comment)?.trim().replace(/\s+/g, ' ');
}

/** By property: the defaults that the code below some folders applies. */
export function appliedDefaults(api: Api, folders: readonly string[]): Map<ts.Declaration, Applied[]> {
  const found = new Map<ts.Declaration, Applied[]>();
  for (const source of api.program.getSourceFiles()) {
    if (!folders.some((folder) => pathOf(source).startsWith(`${folder}/`))) continue;
    for (const node of nodesOf(source)) {
      const applied = appliedBy(api.checker, node);
      for (const property of applied?.properties ?? []) {
        const value = canonical(resolved(api.checker, applied?.value as ts.Expression).getText());
        found.set(property, [...(found.get(property) ?? []), { place: placeOf(node), value }]);
      }
    }
  }
  return found;
}

function appliedBy(
  checker: ts.TypeChecker,
  node: ts.Node,
): { properties: readonly ts.Declaration[]; value: ts.Expression } | undefined {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    const symbol = propertyRead(checker, node.left);
    return symbol && { properties: symbol.declarations ?? [], value: node.right };
  }
  if (ts.isBindingElement(node) && node.initializer) {
    const symbol = propertyBound(checker, node);
    return symbol && { properties: symbol.declarations ?? [], value: node.initializer };
  }
  return undefined;
}

/** The property that an expression reads: `props.x`, or `x` where that was taken out of `props`. */
function propertyRead(checker: ts.TypeChecker, expression: ts.Expression): ts.Symbol | undefined {
  if (ts.isPropertyAccessExpression(expression)) return checker.getSymbolAtLocation(expression.name);
  if (!ts.isIdentifier(expression)) return undefined;
  const declaration = checker.getSymbolAtLocation(expression)?.declarations?.[0];
  return declaration && ts.isBindingElement(declaration) ? propertyBound(checker, declaration) : undefined;
}

function propertyBound(checker: ts.TypeChecker, element: ts.BindingElement): ts.Symbol | undefined {
  const name = element.propertyName ?? element.name;
  if (!ts.isIdentifier(name) || !ts.isObjectBindingPattern(element.parent)) return undefined;
  return checker.getNonNullableType(checker.getTypeAtLocation(element.parent)).getProperty(name.text);
}

/** The expression behind a constant's name. */
function resolved(checker: ts.TypeChecker, expression: ts.Expression): ts.Expression {
  if (!ts.isIdentifier(expression)) return expression;
  const symbol = checker.getSymbolAtLocation(expression);
  const declaration = symbol && original(checker, symbol).declarations?.[0];
  const initializer = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  return initializer ? resolved(checker, initializer) : expression;
}

/** One form for what means the same: `lambda.Tracing.DISABLED` and `Tracing.DISABLED`, `"v1"` and `'v1'`, `10_000` and `10000`. */
const canonical = (text: string): string =>
  text
    .replace(/`|\s+as const$/g, '')
    .replace(/"/g, "'")
    .replace(/\b[a-z]\w*\.(?=[A-Z])/g, '')
    .replace(/(?<=\d)[_,](?=\d)/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const numbersOf = (text: string): number[] =>
  [...canonical(text).matchAll(/\d+(?:\.\d+)?/g)].map(([each]) => Number(each));

/** What is wrong between a property's comment and the code, if anything is. */
export function mistakesOf(prop: OptionalProp, applied: readonly Applied[]): string[] {
  const tell = (text: string) => `${prop.place}: \`${prop.name}\` ${text}`;
  const { said } = prop;
  if (said === undefined || said === '') return [tell('is optional and has no @default')];
  if (said.startsWith('-')) return proseMistakes(said, applied).map(tell);
  if (applied.length === 0) {
    return said === 'false' ? [] : [tell(`says @default ${said}, but no code reads it as \`… ?? ${said}\``)];
  }
  return applied
    .filter(({ value }) => value !== canonical(said))
    .map(({ place, value }) => tell(`says @default ${said}, but ${place} takes ${value}`));
}

/** A default that is told in words agrees in its numbers, where the code has a value with numbers. */
function proseMistakes(said: string, applied: readonly Applied[]): string[] {
  const told = numbersOf(said);
  if (told.length === 0) return [];
  return applied
    .filter(({ value }) => numbersOf(value).length > 0 && numbersOf(value).join() !== told.join())
    .map(({ place, value }) => `says @default ${said}, but ${place} takes ${value}`);
}
