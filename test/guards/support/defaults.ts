import * as ts from 'typescript';
import { type Api, declarationsOf, membersOf, original } from './program';
import { nodesOf, pathOf, placeOf } from './sources';

/** An optional property of a struct, with the default that its comment names. */
export interface OptionalProp {
  readonly name: string;
  readonly place: string;
  readonly declaration: ts.PropertySignature;
  /** The default in the comment: the text after `@default`. */
  readonly documented?: string;
}

/** A default that the code applies to a property: `props.x ?? 1`, or `{ x = 1 }`. */
interface Applied {
  readonly place: string;
  /** Possible values. There are several if a condition decides. */
  readonly values: readonly string[];
}

/** Returns the optional properties of all structs that a package exports. */
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
        documented: defaultOf(declaration),
      })),
  );
}

function defaultOf(declaration: ts.Node): string | undefined {
  const tag = ts.getJSDocTags(declaration).find(({ tagName }) => tagName.text === 'default');
  return tag && ts.getTextOfJSDocComment(tag.comment)?.trim().replace(/\s+/g, ' ');
}

/** Returns a function that finds the defaults of a property in the code below some folders. */
export function appliedDefaults(api: Api, folders: readonly string[]): (property: ts.Declaration) => Applied[] {
  const found = new Map<ts.Declaration, Applied[]>();
  const handedOn = new Map<ts.Declaration, Set<ts.Declaration>>();
  for (const source of api.program.getSourceFiles()) {
    if (!folders.some((folder) => pathOf(source).startsWith(`${folder}/`))) continue;
    for (const node of nodesOf(source)) {
      const applied = appliedBy(api.checker, node);
      for (const property of applied?.properties ?? []) {
        const values = alternatives(api.checker, applied?.value as ts.Expression);
        found.set(property, [...(found.get(property) ?? []), { place: placeOf(node), values }]);
      }
      for (const [from, to] of handed(api.checker, node)) {
        handedOn.set(from, (handedOn.get(from) ?? new Set()).add(to));
      }
    }
  }
  return (property) => reach(property, handedOn).flatMap((each) => found.get(each) ?? []);
}

/**
 * Returns a property, and the properties as which it is passed on. A property is passed on if an object of its struct is the argument for a parameter
 * of another struct.
 */
function reach(
  from: ts.Declaration,
  handedOn: ReadonlyMap<ts.Declaration, ReadonlySet<ts.Declaration>>,
): ts.Declaration[] {
  const seen = new Set([from]);
  for (const each of seen) for (const next of handedOn.get(each) ?? []) seen.add(next);
  return [...seen];
}

function handed(checker: ts.TypeChecker, node: ts.Node): [ts.Declaration, ts.Declaration][] {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
  const parameters = checker.getResolvedSignature(node)?.parameters ?? [];
  return [...(node.arguments ?? [])].slice(0, parameters.length).flatMap((argument, index) => {
    const given = checker.getNonNullableType(checker.getTypeAtLocation(argument));
    const taken = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(parameters[index], node));
    return sameNames(given, taken);
  });
}

function sameNames(given: ts.Type, taken: ts.Type): [ts.Declaration, ts.Declaration][] {
  return given.getProperties().flatMap((property) => {
    const from = property.declarations?.[0];
    const to = taken.getProperty(property.name)?.declarations?.[0];
    return from && to && from !== to && ts.isPropertySignature(from)
      ? [[from, to] as [ts.Declaration, ts.Declaration]]
      : [];
  });
}

/** Returns the values that an expression may have, one string for each branch of a condition. Names of constants are replaced by their values. */
function alternatives(checker: ts.TypeChecker, expression: ts.Expression): string[] {
  const value = resolved(checker, expression);
  if (ts.isParenthesizedExpression(value)) return alternatives(checker, value.expression);
  if (ts.isConditionalExpression(value)) {
    return [value.whenTrue, value.whenFalse].flatMap((branch) => alternatives(checker, branch));
  }
  if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [value.left, value.right].flatMap((side) => alternatives(checker, side));
  }
  return [canonical(textOf(checker, value))];
}

/** Returns the text of an expression. `DEFAULTS.x` is replaced by its value. */
function textOf(checker: ts.TypeChecker, expression: ts.Expression): string {
  if (ts.isCallExpression(expression)) {
    const values = expression.arguments.map((argument) => textOf(checker, argument));
    return `${expression.expression.getText()}(${values.join(', ')})`;
  }
  const symbol = ts.isPropertyAccessExpression(expression) && checker.getSymbolAtLocation(expression.name);
  const declaration = symbol ? symbol.declarations?.[0] : undefined;
  return declaration && ts.isPropertyAssignment(declaration)
    ? textOf(checker, declaration.initializer)
    : expression.getText();
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

/** Returns the property that an expression reads: `props.x`, or `x` if it was destructured from `props`. */
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

/** Returns the expression that initializes a constant. */
function resolved(checker: ts.TypeChecker, expression: ts.Expression): ts.Expression {
  if (!ts.isIdentifier(expression)) return expression;
  const symbol = checker.getSymbolAtLocation(expression);
  const declaration = symbol && original(checker, symbol).declarations?.[0];
  const initializer = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  return initializer ? resolved(checker, initializer) : expression;
}

/** Number of milliseconds in each unit of a `Duration`. */
const UNITS: Readonly<Record<string, number>> = {
  millis: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

/**
 * Converts equal values to the same string: `Tracing.DISABLED` with and without `lambda.`, `"v1"` and `'v1'`, `10_000` and `10000`, 5 minutes and 300
 * seconds.
 */
const canonical = (text: string): string =>
  text
    .replace(/`|\s+as const$/g, '')
    .replace(/"/g, "'")
    .replace(/\b[a-z]\w*\.(?=[A-Z])/g, '')
    .replace(/(?<=\d)[_,](?=\d)/g, '')
    .replace(/Duration\.(\w+)\((\d+)\)/g, (all, unit, amount) =>
      unit in UNITS ? `Duration.millis(${Number(amount) * UNITS[unit]})` : all,
    )
    .replace(/\s+/g, ' ')
    .trim();

/** Returns the numbers in a string. A duration is converted to each unit. */
function numbersOf(text: string): number[] {
  const durations = [...canonical(text).matchAll(/Duration\.millis\((\d+)\)/g)].map(([, ms]) => Number(ms));
  return [
    ...[...canonical(text).matchAll(/\d+(?:\.\d+)?/g)].map(([each]) => Number(each)),
    ...durations.flatMap((ms) => Object.values(UNITS).map((unit) => ms / unit)),
  ];
}

/** Returns the contradictions between a property's comment and the code. */
export function mistakesOf(prop: OptionalProp, applied: readonly Applied[]): string[] {
  const report = (text: string) => `${prop.place}: \`${prop.name}\` ${text}`;
  const { documented } = prop;
  if (documented === undefined || documented === '') return [report('is optional and has no @default')];
  if (documented.startsWith('-')) return proseMistakes(documented, applied).map(report);
  if (applied.length === 0) {
    return documented === 'false'
      ? []
      : [report(`has @default ${documented}, but no code reads it as \`… ?? ${documented}\``)];
  }
  return applied
    .filter(({ values }) => !values.includes(canonical(documented)))
    .map(({ place, values }) => report(`has @default ${documented}, but ${place} takes ${values.join(' or ')}`));
}

/** Returns the numbers of a default in words that the code does not have. They count only if the code has a value with numbers. */
function proseMistakes(words: string, applied: readonly Applied[]): string[] {
  const numbers = numbersOf(words);
  return applied
    .map(({ place, values }) => ({ place, text: values.join(' or ') }))
    .filter(({ text }) => numbersOf(text).length > 0 && numbers.some((number) => !numbersOf(text).includes(number)))
    .map(({ place, text }) => `has @default ${words}, but ${place} takes ${text}`);
}
