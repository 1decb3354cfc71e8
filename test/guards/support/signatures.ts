import * as ts from 'typescript';
import { type Api, declarationsOf, membersOf } from './program';

/** Returns one line for each name that users can use: exported names, and the public members of classes, interfaces and enums. */
export function signaturesOf(api: Api, packageName: string): string[] {
  return [...api.exportsOf(packageName)]
    .flatMap(([name, symbol]) => declarationsOf(symbol).flatMap((declaration) => linesOf(name, declaration)))
    .map((line) => `${packageName}: ${line}`)
    .sort();
}

/** Returns the exported names that exist at run time: classes, functions, constants and enums. Types do not exist at run time. */
export function callables(api: Api, packageName: string): string[] {
  const values = ts.SymbolFlags.Value;
  return [...api.exportsOf(packageName)].flatMap(([name, symbol]) => (symbol.flags & values ? [name] : []));
}

function linesOf(name: string, declaration: ts.Declaration): string[] {
  if (ts.isTypeAliasDeclaration(declaration)) return [oneLine(declaration.getText().replace(/^export /, ''))];
  if (ts.isFunctionDeclaration(declaration)) return [oneLine(`function ${head(declaration)}`)];
  if (ts.isVariableDeclaration(declaration))
    return [oneLine(`const ${declaration.name.getText()}${typeOf(declaration)}`)];
  const members = membersOf(declaration).map((member) => oneLine(`${name}.${head(member)}`));
  return [oneLine(`${kindOf(declaration)} ${name}${heritageOf(declaration)}`), ...members];
}

const oneLine = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .replace(/[;,] ?$/, '')
    .trim();

const typeOf = ({ type }: ts.VariableDeclaration): string => (type ? `: ${type.getText()}` : '');

/** Returns a declaration without its body and without the default values of its parameters. */
function head(node: ts.Node): string {
  const { body, initializer } = node as ts.Node & { body?: ts.Node; initializer?: ts.Node };
  const end = body ?? (ts.isEnumMember(node) ? undefined : initializer);
  const text = node.getText();
  const kept = end ? text.slice(0, end.getStart() - node.getStart()) : text;
  return kept.replace(/\bexport |\bpublic |\boverride |\basync |\bfunction /g, '').replace(/\s*=\s*$/, '');
}

function kindOf(declaration: ts.Declaration): string {
  if (ts.isClassDeclaration(declaration)) return 'class';
  if (ts.isInterfaceDeclaration(declaration)) return 'interface';
  return ts.isEnumDeclaration(declaration) ? 'enum' : 'name';
}

function heritageOf(declaration: ts.Declaration): string {
  const { heritageClauses = [] } = declaration as ts.ClassDeclaration;
  return [...heritageClauses].map((clause) => ` ${clause.getText()}`).join('');
}
