import { describeFrames, isStackFrame, type Origin, type Place } from '../../../../local/run/log/stack';

const CWD = '/project';

/** A bundle `/run/index.js`. Each column has the position in the sources that `places` contains. */
function bundle(places: Record<number, Partial<Origin>>) {
  return ({ file, column }: Place): Origin | undefined => {
    const origin = places[column];
    if (file !== '/run/index.js' || !origin) return undefined;
    return { file: '/project/handlers/a.ts', line: column, column: 1, library: false, says: () => false, ...origin };
  };
}

const frames = (stack: string, locate?: ReturnType<typeof bundle>, whole?: boolean) =>
  describeFrames(stack.split('\n'), { cwd: CWD, locate, whole });

test.each([
  ['    at f (/project/a.js:1:2)', 'at f (a.js:1:2)'],
  ['    at /project/a.js:1:2', 'at a.js:1:2'],
  ['    at async /project/a.js:1:2', 'at a.js:1:2'],
  ['    at async f (file:///project/a%20b.mjs:1:2)', 'at async f (a b.mjs:1:2)'],
  ['    at new Thing (/other/a.js:1:2) {', 'at new Thing (../other/a.js:1:2)'],
  ['    at Object.run [as handler] (/project/a.js:1:2)', 'at Object.run [as handler] (a.js:1:2)'],
])('%j is shown as %j', (line, expected) => {
  expect(frames(line)).toEqual([expected]);
});

test.each([
  '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  '    at async Promise.all (index 0)',
  '    at Array.map (<anonymous>)',
  'Error: no',
])('%j contains no position', (line) => {
  expect(frames(line)).toEqual([]);
});

test('a frame begins with white space, unlike a sentence', () => {
  expect(isStackFrame('    at f (a:1:2)')).toBe(true);
  expect(isStackFrame('at noon')).toBe(false);
});

test('positions in a bundle are shown as positions in the sources', () => {
  expect(frames('    at t (/run/index.js:1:7)', bundle({ 7: {} }))).toEqual(['at handlers/a.ts:7:1']);
});

describe('names in a minified bundle', () => {
  test('a function has the name that its caller uses', () => {
    const stack = '    at t (/run/index.js:1:1)\n    at e (/run/index.js:1:2)';
    expect(frames(stack, bundle({ 1: {}, 2: { name: 'total' } }))).toEqual([
      'at total (handlers/a.ts:1:1)',
      'at handlers/a.ts:2:1',
    ]);
  });

  test('a method keeps its name', () => {
    const stack = '    at async t.render (/run/index.js:1:1)\n    at Object.run [as r] (/run/index.js:1:2)';
    expect(frames(stack, bundle({ 1: {}, 2: {} }))).toEqual([
      'at async render (handlers/a.ts:1:1)',
      'at run (handlers/a.ts:2:1)',
    ]);
  });

  test('a name from the source map is used', () => {
    expect(frames('    at run (/run/index.js:1:1)', bundle({ 1: { says: (word) => word === 'run' } }))).toEqual([
      'at run (handlers/a.ts:1:1)',
    ]);
  });

  test('a frame that awaits a function does not have its name', () => {
    const stack = '    at async t (/run/index.js:1:1)\n    at async e (/run/index.js:1:2)';
    expect(frames(stack, bundle({ 1: {}, 2: { name: 'total' } }))).toEqual([
      'at handlers/a.ts:1:1',
      'at handlers/a.ts:2:1',
    ]);
  });
});

describe('the frames that are shown', () => {
  const STACK = [1, 2, 3, 4, 5].map((n) => `    at Object.f${n} (/run/index.js:1:${n})`).join('\n');
  const library = { file: '/project/node_modules/x/i.js', library: true };

  test('the frames of the user are shown, and the frame of the library in which the error began', () => {
    const locate = bundle({ 1: library, 2: library, 3: {}, 4: library, 5: {} });
    expect(frames(STACK, locate)).toEqual([
      'at f1 (node_modules/x/i.js:1:1)',
      'at f3 (handlers/a.ts:3:1)',
      'at f5 (handlers/a.ts:5:1)',
    ]);
  });

  test('the first three frames are shown if all are in libraries', () => {
    const all = bundle({ 1: library, 2: library, 3: library, 4: library, 5: library });
    expect(frames(STACK, all)).toHaveLength(3);
  });

  test('all frames are shown on demand', () => {
    expect(frames(STACK, bundle({ 1: library, 2: library, 3: {}, 4: library, 5: {} }), true)).toHaveLength(5);
  });

  test('no frames of the runtime client are shown', () => {
    expect(frames('    at run (/lib/runtime-client.js:9:9)')).toEqual([]);
  });
});
