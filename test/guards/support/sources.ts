import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as ts from 'typescript';

export const ROOT = join(__dirname, '../../..');

/** Returns the modules of a folder, as paths from the root with `/`. Declaration files (`.d.ts`), built and installed files are left out. */
export function modulesOf(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.split(sep).join('/')}`)
      .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
      .filter((file) => !/\/(node_modules|dist|cdk\.out)\//.test(file))
      .sort(),
  );
}

export const exists = (file: string): boolean => existsSync(join(ROOT, file));
export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
export const pathOf = (source: ts.SourceFile): string => relative(ROOT, source.fileName).split(sep).join('/');

export function parse(text: string, file = 'x.ts'): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
}

/** Returns a node and all nodes below it. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** Returns the position of a node, such as `src/x.ts:12`. */
export function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${pathOf(source)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
