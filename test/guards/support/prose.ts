import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import * as ts from 'typescript';
import { nodesOf, parse, ROOT } from './sources';

/** A comment, a string or a paragraph. `text` has the length of the source that it comes from, so that offsets hold. */
export interface Piece {
  readonly kind: 'comment' | 'string' | 'test name' | 'paragraph';
  readonly start: number;
  readonly text: string;
}

/** A wording that a newcomer has to read twice. */
interface Pattern {
  readonly name: string;
  readonly found: RegExp;
  /** Matches the source of every file in which `found` matches a piece. It is needed if `found` refers to the beginning of a piece. */
  readonly sign?: RegExp;
  /** Replacement, by an example. */
  readonly remedy: string;
  /** Kinds of pieces that the pattern applies to; without it, all. */
  readonly kinds?: readonly Piece['kind'][];
}

export interface Finding {
  readonly place: string;
  readonly pattern: Pattern;
  readonly text: string;
}

const UNITS = 'second|minute|hour|day|month';
const OWNERS = 'user|viewer|tenant|connection|action|function|request|message|topic|line|test|run';
const COUNTED =
  'times|once|twice|\\d|tens|hundreds|thousands|frames|messages|requests|invocations|connections|sends|queries|reports|units';

/** First words of a test name that has no subject: its sentence began in the `describe`. */
const NO_SUBJECTS =
  'of|that|which|what|whose|who|whoever|and|but|is|are|was|were|has|have|does|do|may|must|can|cannot|gives|takes|makes|goes|gets|keeps|reads|finds|ends|shows|refuses|fails|lets|sends|its|their|to|for|by';

export const PATTERNS: readonly Pattern[] = [
  {
    name: 'a sentence that begins with a pronoun',
    found: /(?<=^|[.!?]\s+)(What|Who|Whoever|Whom|Whose|Of)\s(?!course)(?=[a-z`])(?![^.!?]*\?)/g,
    sign: /\b(What|Who|Whoever|Whom|Whose|Of)\s(?!course)(?=[a-z`])/,
    remedy: 'begin with the noun or the verb: "The payload that …", "The client that …", "Returns …"',
  },
  {
    name: 'a test name that is a fragment',
    kinds: ['test name'],
    found: new RegExp(`^(${NO_SUBJECTS})\\s`, 'g'),
    sign: new RegExp(`\\(\\s*['"\`](${NO_SUBJECTS})\\s`),
    remedy: 'write a whole sentence that can be understood without the name of its `describe`',
  },
  {
    name: 'tell',
    found: /\b(tells?|told|telling|untold)\b/gi,
    remedy: 'notifies, reports, returns, passes; tell apart: distinguish',
  },
  {
    name: 'say',
    found: /\b(says?|said|saying)\b/gi,
    remedy: 'specifies, defines, reports, states, names; unless it is said otherwise: by default',
  },
  { name: 'in vain', found: /\bin\s+vain\b/gi, remedy: 'without success, fails' },
  { name: 'mend', found: /\bmend(s|ed|ing)?\b/gi, remedy: 'fix, correct' },
  { name: 'look after, look at', found: /\blook(s|ed|ing)?\s+(after|at)\b/gi, remedy: 'check, read, maintain' },
  {
    name: 'text for string',
    found: /\b(a|an|any|each|one)\s+text\b(?!\s+(message|frame|file|field))|\btexts\b/gi,
    remedy: 'string, strings; of people: message, wording',
  },
  {
    name: 'list for array',
    found: /\ba\s+list\s+of\b|\bmust\s+be\s+a\s+list\b/gi,
    remedy: 'array: "an array of strings"',
  },
  {
    name: 'a rate without "per"',
    found: new RegExp(
      `\\b(${COUNTED})\\s+an?\\s+(${UNITS})\\b|\\b(${UNITS}),?\\s+an?\\s+(${OWNERS}|${UNITS})\\b|\\bone\\s+(?!of\\b)\\w+\\s+an?\\s+(\\w+\\s)?(${OWNERS})\\b`,
      'gi',
    ),
    remedy: 'per: "10 messages per second", "one item per viewer"',
  },
  { name: 'whoever', found: /\b(whoever|whomever)\b/gi, remedy: 'the client that, the user that, anyone who' },
  { name: 'beside', found: /\bbeside\b/gi, remedy: 'next to, in addition to' },
  {
    name: 'as it stands, done with',
    found: /\bas\s+(it|they)\s+stands?\b|\bdone\s+with\b/gi,
    remedy: 'unchanged, in its current state; finished, settled',
  },
];

/** Folders and files of the root that hold prose. */
const ROOTS = [
  ...['.github', 'benchmarks', 'client-sdks', 'docs', 'examples', 'integ-tests', 'lambda-src', 'local', 'protocol'],
  ...['scripts', 'src', 'templates', 'test', 'testing'],
];
const ROOT_FILES = ['.projenrc.ts', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'];
const CODE = /(?<!\.d)\.(tsx?|mts|mjs|cjs|js)$/;
const MARKED_BY_HASH = /\.(py|ya?ml)$/;
const MARKED_BY_SLASHES = /\.(css|java|go)$/;
const PAGE = /\.md$/;
const VECTORS = /^protocol\/vectors\/.*\.json$/;
/** Built or installed files, files of a test that runs, snapshots, and the files that name the patterns. */
const LEFT_OUT =
  /\/(node_modules|dist|cdk\.out|\.streamer|\.run-[^/]*)\/|\.snapshot\/|^docs\/glossary\.md$|\/guards\/(support\/)?prose/;

export function proseFiles(): string[] {
  const files = ROOTS.flatMap((root) =>
    readdirSync(join(ROOT, root), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${root}/${file.split(sep).join('/')}`,
    ),
  );
  const known = [CODE, MARKED_BY_HASH, MARKED_BY_SLASHES, PAGE, VECTORS];
  return [...ROOT_FILES, ...files]
    .filter((file) => known.some((kind) => kind.test(file)) && !LEFT_OUT.test(file))
    .sort();
}

/** Pieces of prose in a file, by the kind of the file. */
export function piecesOf(file: string, text: string): Piece[] {
  if (PAGE.test(file)) return proseOfPage(text);
  if (VECTORS.test(file)) return matchesOf('string', text, /"(?:name|description)": "((?:[^"\\]|\\.)*)"/g);
  if (MARKED_BY_HASH.test(file)) return matchesOf('comment', text, /(?<=^|\s)# (.*)$/gm);
  if (MARKED_BY_SLASHES.test(file)) return matchesOf('comment', text, /\/\*\*? ?([\s\S]*?)\*\/|(?<=^|\s)\/\/ (.*)$/gm);
  return hasSign(text) ? piecesOfCode(parse(text, file)) : [];
}

/** Whether a pattern may be found in a module. Few modules have to be parsed, which takes far longer than this check. */
function hasSign(text: string): boolean {
  const withoutMargin = text.replace(/\n\s*\*/g, '\n');
  return PATTERNS.some(({ found, sign = found }) => withoutMargin.search(sign) >= 0);
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
/** Names in code are no prose: `said` keeps its place. */
const withoutCode = (text: string): string =>
  text.replace(/`[^`\n]*`/g, (code) => `\`${'x'.repeat(code.length - 2)}\``);

/** Replaces what separates two paragraphs, in a text that keeps its length. */
const BREAK = '\f';
const separated = (separator: string): string => BREAK + blank(separator.slice(1));

function paragraphsOf(kind: Piece['kind'], prose: string, from = 0): Piece[] {
  const broken = withoutCode(prose)
    .replace(/\n[ \t]*(?=\n)/g, separated)
    .replace(/(?<=[\f\n][ \t]*)(?:[-*]|\d+\.) /g, separated);
  return [...broken.matchAll(/[^\f\s][^\f]*/g)].map(({ index, 0: text }) => ({ kind, start: from + index, text }));
}

function matchesOf(kind: Piece['kind'], text: string, pattern: RegExp): Piece[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const inner = match.slice(1).find((group) => group !== undefined) ?? '';
    return paragraphsOf(kind, inner, match.index + match[0].indexOf(inner));
  });
}

/** Paragraphs, items and cells of a page, without code, comments, headings and the targets of links. */
function proseOfPage(page: string): Piece[] {
  const prose = page
    .replace(/^[ ]*```[\s\S]*?^[ ]*```|<!--[\s\S]*?-->/gm, blank)
    .replace(/\]\([^)\s]*\)/g, (target) => `]${blank(target.slice(1))}`)
    .replace(/^#{1,6} .*$/gm, separated)
    .replace(/(?<!\\)\|/g, BREAK);
  return paragraphsOf('paragraph', prose);
}

const TESTS = /^(test|it|describe)\b/;

/** Comments, and strings of several words, of a module. */
function piecesOfCode(source: ts.SourceFile): Piece[] {
  const strings = nodesOf(source)
    .filter(isString)
    .map((node): Piece => {
      const call = ts.isTemplateExpression(node.parent) ? node.parent.parent : node.parent;
      const isName =
        ts.isCallExpression(call) &&
        TESTS.test(call.expression.getText()) &&
        call.arguments[0].getStart() === node.getStart();
      return {
        kind: isName ? 'test name' : 'string',
        start: node.getStart() + 1,
        text: withoutCode(node.getText().slice(1)),
      };
    });
  return [...strings.filter(({ text }) => /[a-z] \w/i.test(text)), ...commentsOf(source)];
}

const isString = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node) ||
  ts.isJsxText(node);

function commentsOf(source: ts.SourceFile): Piece[] {
  const text = source.text;
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node) => {
    const found = [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ];
    for (const range of found) ranges.set(range.pos, range);
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...ranges.values()].flatMap(({ pos, end }) =>
    paragraphsOf('comment', withoutMarks(text.slice(pos, end)), pos),
  );
}

/** A comment without its delimiters; a tag, with the name that it may be followed by, separates paragraphs. */
const withoutMarks = (comment: string): string =>
  comment
    .replace(/^\/\*+|\*+\/$|^\/\/|\n\s*\*(?!\/)/g, blank)
    .replace(/@(param \S+|throws (\{.*?\}|\w+Error)|\w+)( -)?/g, separated);

/** Patterns in a file's prose, each with its place and the words around it. */
export function findingsIn(file: string, text: string): Finding[] {
  return piecesOf(file, text).flatMap((piece) =>
    PATTERNS.filter(({ kinds }) => !kinds || kinds.includes(piece.kind)).flatMap((pattern) =>
      [...piece.text.matchAll(pattern.found)].map((match) => ({
        place: `${file}:${text.slice(0, piece.start + match.index).split('\n').length}`,
        pattern,
        text: text
          .slice(piece.start + Math.max(0, match.index - 30), piece.start + match.index + 50)
          .replace(/\s+/g, ' '),
      })),
    ),
  );
}
