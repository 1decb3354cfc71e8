import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as ts from 'typescript';

export const ROOT = join(__dirname, '../../..');

/**
 * Returns the modules of a folder, as paths from the root with `/`. Declaration files (`.d.ts`), built and installed files are left out, and the
 * temporary folders of other suites (`.run-…`).
 */
export function modulesOf(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.split(sep).join('/')}`)
      .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
      .filter((file) => !/\/(node_modules|dist|cdk\.out|\.run-\w+)\//.test(file))
      .sort(),
  );
}

export const exists = (file: string): boolean => existsSync(join(ROOT, file));
export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
export const pathOf = (source: ts.SourceFile): string => relative(ROOT, source.fileName).split(sep).join('/');

const { ParseAll, ParseNone } = ts.JSDocParsingMode;

/** Parses a module. Without `withTags`, the parser skips the tags of comments, which takes less time. */
export function parse(text: string, file = 'x.ts', withTags = false): ts.SourceFile {
  const options = { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode: withTags ? ParseAll : ParseNone };
  return ts.createSourceFile(file, text, options, true);
}

const parsed = new Map<string, ts.SourceFile>();

/** Returns the parsed modules of folders. A suite parses each module once. */
export const sourcesOf = (...folders: string[]): ts.SourceFile[] => modulesOf(...folders).map(sourceOf);

function sourceOf(file: string): ts.SourceFile {
  const source = parsed.get(file) ?? parse(read(file), file);
  parsed.set(file, source);
  return source;
}

/** Returns a node and all nodes below it, in the order of the text. */
export function nodesOf(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (each: ts.Node): void => {
    nodes.push(each);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return nodes;
}

/** Returns the position of a node, such as `src/x.ts:12`. */
export function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${pathOf(source)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
