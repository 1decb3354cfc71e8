import { CONSTANTS } from '../../lambda-src/protocol';
import { pageNames } from '../docs/support/pages';
import { boundsOf, commentsOf, contains } from './support/bounds';
import { modulesOf, parse, read } from './support/sources';

/**
 * Numbers on pages must be those of the code. A page marks a number of the protocol by a comment after it, which readers do not see: `32,768<!--
 * limits.clientFrameBytes -->`. The number may be in another unit: `32 KB<!-- limits.clientFrameBytes / 1024 -->`, `8,000<!--
 * timing.ackTimeoutSeconds * 1000 -->`. If the construct checks a number, the comment of the property must contain it, and so does API.md.
 */
const PAGES = pageNames().filter((page) => !page.startsWith('protocol/'));

const MARKED =
  /([\d,]*\d(?:\.\d+)?)((?: [A-Za-z]+){0,3})<!-- ((?:limits|timing|closeCodes)\.\w+)(?: ([/*]) (\d+))? -->/g;
const NUMBERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  limits: CONSTANTS.limits,
  timing: CONSTANTS.timing,
  closeCodes: CONSTANTS.closeCodes,
};

interface Marked {
  readonly page: string;
  readonly shown: number;
  readonly name: string;
  /** Factor that converts the number to the unit of the page. */
  readonly factor: number;
}

const markedIn = (page: string, text: string): Marked[] =>
  [...text.matchAll(MARKED)].map(([, shown, , name, operator, operand = '1']) => ({
    page,
    shown: Number(shown.replaceAll(',', '')),
    name,
    factor: operator === '/' ? 1 / Number(operand) : Number(operand),
  }));

function mistakeOf({ page, shown, name, factor }: Marked): string[] {
  const [group, key] = name.split('.');
  const value = NUMBERS[group]?.[key];
  if (value === undefined) return [`${page}: constants.json has no ${name}`];
  return shown === value * factor ? [] : [`${page}: ${name} is ${value * factor}, not ${shown}`];
}

test("numbers that pages mark are the protocol's", () => {
  const marked = PAGES.flatMap((page) => markedIn(page, read(page)));
  expect(marked.length).toBeGreaterThan(15);
  expect(marked.flatMap(mistakeOf)).toEqual([]);
});

test('every mark follows a number', () => {
  const marks = PAGES.flatMap((page) => [...read(page).matchAll(/<!-- (?:limits|timing|closeCodes)\./g)]);
  expect(marks).toHaveLength(PAGES.flatMap((page) => markedIn(page, read(page))).length);
});

test("a marked number that differs from the protocol's is found", () => {
  const text =
    '8<!-- timing.ackTimeoutSeconds --> and 31 KB<!-- limits.clientFrameBytes / 1024 -->, 9,000<!-- timing.ackTimeoutSeconds * 1000 -->, 4<!-- limits.none -->';
  expect(markedIn('p', text).flatMap(mistakeOf)).toEqual([
    'p: limits.clientFrameBytes is 32, not 31',
    'p: timing.ackTimeoutSeconds is 8000, not 9000',
    'p: constants.json has no limits.none',
  ]);
});

/** Returns the bounds that the code checks but that the property's comment does not name. */
function unnamed(files: ReadonlyMap<string, string>): string[] {
  const sources = [...files].map(([file, text]) => parse(text, file, true));
  return sources.flatMap(boundsOf).flatMap(({ prop, place, bounds }) => {
    const comments = commentsOf(sources, prop);
    const silent = bounds.filter((bound) => !comments.some((comment) => contains(comment, bound)));
    return silent.map(({ amount, unit }) =>
      `${place}: the comment of \`${prop}\` does not name ${amount} ${unit}`.trim(),
    );
  });
}

test('the comment of every property names its bounds', () => {
  expect(unnamed(new Map(modulesOf('src').map((file) => [file, read(file)])))).toEqual([]);
});

test('bounds that a comment does not name are found', () => {
  const text = `export interface A {
  /** 1 to 25 seconds. */
  readonly wait?: Duration;
  /** 128 to 10,240 MB. */
  readonly memory?: number;
}
validateDuration('wait', a.wait, Duration.seconds(1), Duration.seconds(26));
validateInteger('memory', a.memory, 129, 10_240);
validateInteger('memory', a.memory, 128, 10_240);`;
  expect(unnamed(new Map([['a.ts', text]]))).toEqual([
    expect.stringContaining('does not name 26 seconds'),
    expect.stringContaining('does not name 129'),
  ]);
});
