import { builtFile } from '../../../src/bundling/package-files';

test('a file that was not built is named, with the command that builds it', () => {
  expect(() => builtFile('runtime', 'nothing.js')).toThrow(
    /\/lib\/runtime\/nothing\.js is missing: build the runtime with `npx projen compile:runtime`/,
  );
});
