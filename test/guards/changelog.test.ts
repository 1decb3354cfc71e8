import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRIES, readExports } from './support/program';
import { callables, signaturesOf } from './support/signatures';
import { ROOT, read } from './support/sources';

/**
 * Public names may change only together with CHANGELOG.md. `public-api.txt` lists these names, with the digest of the changelog's "Unreleased" part
 * at the last update. `STREAMER_UPDATE_API=1 npx jest test/guards/changelog` writes the list again. It refuses to do so if the changelog has no new
 * entry. `released-api.txt` is the list of the last release; so far there is none.
 */
const LIST = 'test/guards/public-api.txt';
const RELEASED = 'test/guards/released-api.txt';
const UPDATE = 'describe it in CHANGELOG.md, then run STREAMER_UPDATE_API=1 npx jest test/guards/changelog';

const api = readExports();
const current = Object.keys(ENTRIES).flatMap((packageName) => signaturesOf(api, packageName));

const unreleased = (changelog: string): string =>
  changelog.split(/^## /m).find((part) => part.startsWith('Unreleased')) ?? '';
const digest = (text: string): string => createHash('sha256').update(text.trim()).digest('hex').slice(0, 16);
const listOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const digestIn = (text: string): string | undefined => /^# changelog (\w+)$/m.exec(text)?.[1];

/** Returns the lines in which two lists differ. */
function changes(before: readonly string[], after: readonly string[]): string[] {
  const removed = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  return [...removed, ...added];
}

/** Returns the names that the changelog does not mention. */
const unmentioned = (names: readonly string[], text: string): string[] =>
  names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));

/** Returns the reason why the list must not be written; undefined if it may be written. */
function refusal(list: string, changelog: string): string | undefined {
  const changed = digestIn(list) !== digest(unreleased(changelog));
  return changed
    ? undefined
    : 'CHANGELOG.md has no new entry under "Unreleased": describe there what changed, then update the list';
}

function update(): void {
  const before = existsSync(join(ROOT, LIST)) ? read(LIST) : '';
  if (changes(listOf(before), current).length === 0) return;
  const refused = refusal(before, read('CHANGELOG.md'));
  if (refused) throw new Error(refused);
  const head = [
    '# What users can name. Written by test/guards/changelog.test.ts.',
    `# changelog ${digest(unreleased(read('CHANGELOG.md')))}`,
  ];
  writeFileSync(join(ROOT, LIST), `${[...head, ...current].join('\n')}\n`);
}

test(`the public API is that of ${LIST}`, () => {
  if (process.env.STREAMER_UPDATE_API && !process.env.CI) update();
  const changed = changes(listOf(read(LIST)), current);
  expect({ changed, ...(changed.length > 0 && { remedy: UPDATE }) }).toEqual({ changed: [] });
});

test('the changelog names what was added and removed since the last release', () => {
  const now = Object.keys(ENTRIES).flatMap((packageName) => callables(api, packageName));
  const released = listOf(read(RELEASED));
  const different = changes(released, now).map((line) => line.slice(2));
  expect(unmentioned([...new Set(different)], unreleased(read('CHANGELOG.md')))).toEqual([]);
});

test('the guard finds a changed signature, a name that the changelog does not mention, and an update without an entry', () => {
  expect(changes(['a(): void', 'b'], ['a(x: string): void', 'b'])).toEqual(['- a(): void', '+ a(x: string): void']);
  expect(unmentioned(['StreamerApi', 'Streamer'], '`StreamerApi` is new')).toEqual(['Streamer']);
  const changelog = '# Changelog\n\n## Unreleased\n\n- new\n\n## 0.1\n\n- old\n';
  expect(refusal(`# changelog ${digest(unreleased(changelog))}\n`, changelog)).toContain('has no new entry');
  expect(refusal('# changelog 0\n', changelog)).toBeUndefined();
});

test('a signature contains names, types and optionality, but no bodies or comments', () => {
  const text = `/** A. */
export class A { public constructor(readonly a: string, b = 1) {} /** B. */ public static b(x?: number): string { return ''; } private c = 1; }
export interface C extends B { readonly d?: string; }
export const e: number = 1;
export type F<T> = { g: T };`;
  const made = readExports({ made: 'src/made-up.ts' }, new Map([[join(ROOT, 'src/made-up.ts'), text]]));
  expect(signaturesOf(made, 'made')).toEqual([
    'made: A.constructor(readonly a: string, b = 1)',
    'made: A.static b(x?: number): string',
    'made: C.readonly d?: string',
    'made: class A',
    'made: const e: number',
    'made: interface C extends B',
    'made: type F<T> = { g: T }',
  ]);
});
