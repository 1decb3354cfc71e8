import { join } from 'node:path';
import { appliedDefaults, mistakesOf, optionalProps } from './support/defaults';
import { ENTRIES, readApi } from './support/program';
import { ROOT } from './support/sources';

/** Comments of a property that contradict the code, with the mistake that the guard finds. */
const CONTRADICTIONS: readonly (readonly [struct: string, code: string, mistake: string])[] = [
  ['/** @default 3 */ readonly count?: number;', 'export const f = (p: Props) => p.count ?? 4;', 'takes 4'],
  ['/** @default 3 */ readonly count?: number;', 'export const f = ({ count = 4 }: Props) => count;', 'takes 4'],
  ['/** @default 3 */ readonly count?: number;', 'export const f = ({ count }: Props) => count ?? LIMIT;', 'takes 5'],
  ['/** @default 3 */ readonly count?: number;', 'export const f = (p: Other) => p.count ?? 3;', 'no code reads it'],
  ['/** @default true */ readonly on?: boolean;', 'export const f = (p: Props) => (p.on ? 1 : 2);', 'no code reads it'],
  ['/** @default false */ readonly on?: boolean;', 'export const f = (p: Props) => p.on ?? true;', 'takes true'],
  [
    '/** @default Duration.days(7) */ readonly d?: any;',
    'export const f = (p: Props) => p.d ?? Duration.days(8);',
    'Duration.millis(691200000)',
  ],
  ['/** @default - from 1 to 5 */ readonly r?: any;', 'export const f = (p: Props) => p.r ?? { a: 1, b: 6 };', 'b: 6'],
  [
    '/** @default 3 */ readonly count?: number;',
    'const g = (o: Pick<Other, "count">) => o.count ?? 1;\nexport const f = (p: Props) => g(p);',
    'takes 1',
  ],
  [
    '/** @default 3 */ readonly count?: number;',
    'export const f = (p: Props) => p.count ?? (LIMIT > 4 ? LIMIT : 2);',
    'takes 5 or 2',
  ],
  ['/** Text. */ readonly count?: number;', '', 'has no @default'],
];

/** Comments of a property that match the code. */
const MATCHES: readonly (readonly [struct: string, code: string])[] = [
  ['/** @default 5 */ readonly count?: number;', 'export const f = ({ count }: Props) => count ?? LIMIT;'],
  ["/** @default 'v1' */ readonly name?: string;", 'export const f = (p?: Props) => p?.name ?? "v1";'],
  ['/** @default false */ readonly on?: boolean;', 'export const f = (p: Props) => (p.on ? 1 : 2);'],
  [
    '/** @default 1 */ readonly count?: number;',
    'const g = (o: Other) => o.count ?? 1;\nexport const f = (p: Props) => g(p);',
  ],
  ['/** @default 5 */ readonly count?: number;', 'export const f = (p: Props) => p.count ?? (LIMIT > 4 ? LIMIT : 2);'],
  ['/** @default - none */ readonly tags?: any;', 'export const f = (p: Props) => p.tags ?? {};'],
];

const madeUp = [...CONTRADICTIONS, ...MATCHES].map(([struct, code], index) => ({
  name: `made-up ${index}`,
  file: `made-up/${index}.ts`,
  struct,
  code,
  text: `export interface Props {\n${struct}\n}\nexport interface Other {\n/** @default 1 */ readonly count?: number; }\n
    class Duration { static days(n: number) { return n; } }\nconst LIMIT = 5;\n${code}`,
}));

/** The construct library and the made-up modules. One program reads them all, because the compiler takes most of its time to start. */
const api = readApi(
  {
    'cdk-streamer': ENTRIES['cdk-streamer'],
    ...Object.fromEntries(madeUp.map(({ name, file }) => [name, file])),
  },
  new Map(madeUp.map(({ file, text }) => [join(ROOT, file), text])),
);
const applied = appliedDefaults(api, ['src', 'made-up']);

/**
 * Every optional property of the construct library must have a `@default`. A literal default must be the value that the code uses if the property is
 * not set. A default in words begins with `- `. Numbers in it must also be those of the code, if the code has a value.
 */
const mistakes = (packageName: string): string[] =>
  optionalProps(api, packageName).flatMap((prop) => mistakesOf(prop, applied(prop.declaration)));

/** Returns the mistakes in the properties of a made-up module. */
function made(struct: string, code: string): string[] {
  const name = madeUp.find((each) => each.struct === struct && each.code === code)?.name ?? '';
  return mistakes(name).filter((each) => each.includes('Props.'));
}

test('every documented default of the construct library is that of the code', () => {
  const props = optionalProps(api, 'cdk-streamer');
  expect(props.length).toBeGreaterThan(20);
  expect(props.filter(({ documented }) => documented && !documented.startsWith('-')).length).toBeGreaterThan(8);
  expect(mistakes('cdk-streamer')).toEqual([]);
});

test('all defaults of an API and of its tables are in one module', () => {
  const props = optionalProps(api, 'cdk-streamer').filter(({ name }) =>
    /^Streamer(Api|Tables)Props\.(?!tables$)/.test(name),
  );
  expect(props.length).toBeGreaterThan(20);
  // This assignment is not a default: if the API gets no tables, it creates tables. The empty object is only used to read its properties.
  const places = props.flatMap(({ declaration }) =>
    applied(declaration).filter(({ values }) => values.join() !== '{}'),
  );
  expect(places.length).toBeGreaterThan(10);
  expect(places.filter(({ place }) => !place.startsWith('src/resolve-settings.ts:'))).toEqual([]);
});

test.each(CONTRADICTIONS)('the comment %s contradicts the code %s', (struct, code, mistake) => {
  expect(made(struct, code)).toEqual([expect.stringContaining(mistake)]);
});

test.each(MATCHES)('the comment %s matches the code %s', (struct, code) => {
  expect(made(struct, code)).toEqual([]);
});
