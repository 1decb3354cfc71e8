import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../../..');

/** Returns the pages for users. The tests compile the code of these pages and follow their links. */
export function pageNames(): string[] {
  return [
    'README.md',
    'CONTRIBUTING.md',
    ...list('docs'),
    ...list('examples'),
    ...list('templates'),
    'client-sdks/typescript/README.md',
    ...list('protocol'),
  ];
}

function list(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md') && !/\/(node_modules|dist|cdk\.out)\//.test(file))
    .sort();
}

export function readPage(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

export const exists = (file: string): boolean => existsSync(join(ROOT, file));

/** A fenced block, or a comment that describes code, in the order of the page. */
export type Piece =
  | { readonly kind: 'fence'; readonly language: string; readonly text: string; readonly line: number }
  | {
      readonly kind: 'note';
      readonly word: string;
      readonly rest: string;
      readonly text: string;
      readonly line: number;
    };

const PIECES = /^[ ]*```(\w*)[^\n]*\n([\s\S]*?)^[ ]*```[ ]*$|^[ ]*<!-- (ts:\w+)[ ]?([^\n]*?)(?:\n([\s\S]*?))?\s*-->/gm;

/** Fenced blocks and `<!-- ts:… -->` notes of a page. */
export function piecesOf(text: string): Piece[] {
  return [...text.matchAll(PIECES)].map((match): Piece => {
    const line = text.slice(0, match.index).split('\n').length;
    const [, language, fenced, word, rest, noted] = match;
    return word === undefined
      ? { kind: 'fence', language, text: fenced, line }
      : { kind: 'note', word, rest: rest.trim(), text: noted ?? '', line };
  });
}
