import * as path from 'node:path';
import { type CheckedModule, checkModule } from './compiler';
import { TypePrinter } from './type-printer';

export interface ActionTypesOptions {
  /** Absolute path of the module that exports the type. */
  readonly module: string;
  /** Name of the exported type, which the module creates with `ActionsOf`. */
  readonly name: string;
}

/**
 * Prints the types of an application's actions as one declaration without imports. A front end can compile it without
 * the handlers and without the packages and types that they use.
 *
 * @throws Error if the module has no such type or has errors, or if a message cannot contain an action's input or
 * result
 */
export function actionTypes({ module, name }: ActionTypesOptions): string {
  const checked = checkModule(module);
  const printer = new TypePrinter(checked);
  const body = printer.print(exportedType(checked, name), name);
  return [
    `// Generated from ${path.basename(module)} by \`cdk-streamer types\`. To change this file, change the module and run the command again.`,
    ...printer.declarations,
    `export type ${name} = ${body};`,
    '',
  ].join('\n');
}

function exportedType({ ts, program, source }: CheckedModule, name: string): import('typescript').Type {
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(source);
  const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol);
  const found = exported.find((each) => each.name === name);
  if (!found) {
    const names = exported.map((each) => each.name).join(', ') || 'nothing';
    throw new Error(`${source.fileName} exports no type ${name}; it exports ${names}`);
  }
  const target = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
  return checker.getDeclaredTypeOfSymbol(target);
}
