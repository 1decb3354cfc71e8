import { findEsbuild } from '../../../../src/bundling/esbuild/esbuild';

/** Replaces `require`. It finds the packages that are listed as `folder:name`. */
const having = (...installed: string[]) => {
  const asked: string[] = [];
  const load = (name: string, from: string) => {
    asked.push(`${from}:${name}`);
    if (!installed.includes(`${from}:${name}`)) throw new Error(`Cannot find module '${name}'`);
    return { from, name };
  };
  return { asked, load };
};

test("the project's own esbuild comes first, so that its lock file pins the bundles", () => {
  const { load } = having('/project:esbuild', `${process.cwd()}:esbuild`);
  expect(findEsbuild('/project', load)).toEqual({ from: '/project', name: 'esbuild' });
});

test('esbuild-wasm is used if there is no binary', () => {
  expect(findEsbuild('/project', having('/project:esbuild-wasm').load)).toEqual({
    from: '/project',
    name: 'esbuild-wasm',
  });
});

test('the esbuild of this package is used last', () => {
  const { asked, load } = having();
  expect(() => findEsbuild('/project', load)).toThrow();
  expect(asked.at(-1)).toMatch(/src\/bundling\/esbuild:esbuild-wasm$/);
});

test('without esbuild, the error explains how to install it', () => {
  expect(() => findEsbuild('/project', having().load)).toThrow(
    'esbuild, which bundles the handlers, was not found from /project. Install it there: npm install --save-dev esbuild (an app in another language needs a package.json first: npm init --yes)',
  );
});
