import { modulesOf, read } from './support/sources';

/** The local run makes HTTP servers in one place, where each request's Host and Origin are checked. */
test('no part of the local run makes an HTTP server of its own', () => {
  const makers = modulesOf('local').filter(
    (module) => /from '(node:)?https?'/.test(read(module)) && /\bcreateServer\b/.test(read(module)),
  );
  expect(makers).toEqual(['local/emulator/http/server.ts']);
});

test('the local run reads request bodies in one place, which has the limit', () => {
  const readers = modulesOf('local').filter((module) => /for await \(const \w+ of req/.test(read(module)));
  expect(readers).toEqual(['local/emulator/http/body.ts']);
});
