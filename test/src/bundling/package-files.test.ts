import { builtFile } from '../../../src/bundling/package-files';

test('the error for a missing file names the file and the command that builds it', () => {
  expect(() => builtFile('runtime', 'nothing.js')).toThrow(
    /\/lib\/runtime\/nothing\.js is missing: build the runtime with `npx projen compile:runtime`/,
  );
});
