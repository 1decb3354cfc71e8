import { read } from './support/sources';

/**
 * Each npm script must work in a fresh clone after `npm ci`. So before a task runs a program that reads built files, it must run the programs that
 * build these files. If a new program reads `lib/`, `.jsii` or the client's `dist/`, add a line to NEEDS.
 */
interface Step {
  readonly exec?: string;
  readonly execArgs?: readonly string[];
  readonly spawn?: string;
}
type Tasks = Readonly<Record<string, { readonly steps?: readonly Step[] }>>;

const tasks: Tasks = JSON.parse(read('.projen/tasks.json')).tasks;

const RUNTIME = 'node scripts/build-runtime.mjs';
const JSII = 'jsii --silence-warnings=reserved-word';
const CLIENT = 'npm run --silent --workspace cdk-streamer-client build';

/** Built files that programs read. The first element matches the program's command. */
const NEEDS: readonly (readonly [program: RegExp, ...made: string[]])[] = [
  [/^jest /, RUNTIME],
  [/^node scripts\/test-long\.mjs/, RUNTIME],
  [/^node scripts\/start\.mjs/, RUNTIME],
  [/^tsx benchmarks\//, RUNTIME],
  [/^node scripts\/ministack\.mjs/, RUNTIME],
  [/^integ-runner /, RUNTIME],
  [/^node scripts\/(newest-cdk|languages)\.mjs/, JSII, RUNTIME],
  [/^node scripts\/pack\.mjs/, JSII, RUNTIME, CLIENT],
  [/^node --import tsx --test test\/first-run\//, 'node scripts/pack.mjs'],
  [/^jsii-(pacmak|docgen|diff) /, JSII, RUNTIME, CLIENT],
  [/^npm pack /, JSII, RUNTIME, CLIENT],
];
/** Matches programs that only read sources, or that build. */
const SOURCES_ONLY =
  /^(jsii |node node_modules\/typescript-native\/bin\/tsc |tsc |biome |ts-node |npm (install|ci)$|node scripts\/build-runtime|node integ-tests\/trim-snapshots|node scripts\/simulate|node scripts\/ai-sdk|npm run .* build$)/;

/** Returns the programs that a task runs, in order. */
function programsOf(name: string, all: Tasks): string[] {
  return (all[name]?.steps ?? []).flatMap(({ exec, execArgs, spawn }) =>
    spawn === undefined ? [exec ?? execArgs?.join(' ') ?? ''] : programsOf(spawn, all),
  );
}

function missingIn(name: string, all: Tasks = tasks): string[] {
  const programs = programsOf(name, all);
  return programs.flatMap((program, index) => {
    const need = NEEDS.find(([pattern]) => pattern.test(`${program} `));
    if (!need) return SOURCES_ONLY.test(program) ? [] : [`${name}: what does "${program}" need? Add it to NEEDS`];
    const [, ...made] = need;
    const before = programs.slice(0, index);
    return made
      .filter((maker) => !before.includes(maker))
      .map((maker) => `${name}: "${program}" needs "${maker}" before`);
  });
}

test.each(Object.keys(tasks))('%s builds what it needs', (name) => {
  expect(missingIn(name)).toEqual([]);
});

test('every npm script of the workspace that runs a task has that task', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const unknown = Object.values(scripts).filter((script) => !(script.replace(/^projen ?/, '') in { '': 1, ...tasks }));
  expect(unknown).toEqual([]);
});

test('the packages are built before they are packed', () => {
  const client = JSON.parse(read('client-sdks/typescript/package.json')).scripts;
  expect(client).toMatchObject({ build: 'node scripts/build-client.mjs', prepack: 'npm run --silent build' });
  expect(programsOf('prepack', tasks)).toEqual([JSII, RUNTIME, CLIENT]);
});

test('a task that reads files without building them is found, and so is an unknown program', () => {
  const steps = [{ exec: 'jest x' }, { exec: RUNTIME }, { spawn: 'other' }];
  const all = { bad: { steps }, other: { steps: [{ execArgs: ['surprise', 'me'] }] } };

  expect(missingIn('bad', all)).toEqual([
    `bad: "jest x" needs "${RUNTIME}" before`,
    'bad: what does "surprise me" need? Add it to NEEDS',
  ]);
});
