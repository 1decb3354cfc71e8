import { modulesOf, read } from './support/sources';

/** The local run may create HTTP servers in one module only. That module checks the Host and Origin of each request. */
test('no other module of the local run creates an HTTP server', () => {
  const makers = modulesOf('local').filter(
    (module) => /from '(node:)?https?'/.test(read(module)) && /\bcreateServer\b/.test(read(module)),
  );
  expect(makers).toEqual(['local/emulator/http/server.ts']);
});

test('the local run reads request bodies in one module, which limits their size', () => {
  const readers = modulesOf('local').filter((module) => /for await \(const \w+ of req/.test(read(module)));
  expect(readers).toEqual(['local/emulator/http/body.ts']);
});
