import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** Handlers of three kinds: sync, async with a schema next to it, async without. */
export const HANDLERS: { readonly [file: string]: string } = {
  'package.json': '{}',
  'handlers/echo.ts': `import { defineHandler } from 'cdk-streamer/handler';
export default defineHandler({ run: async ({ input }: any) => input });`,
  'handlers/report.ts': `import { defineHandler } from 'cdk-streamer/handler';
export default defineHandler({ run: async () => 'report' });`,
  'handlers/report.schema.ts': `export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };`,
  'handlers/archive.ts': 'export default { run: async () => null };',
};

const made: string[] = [];

/** A folder with these files, removed after the tests of the file. */
export function makeProject(files: { readonly [file: string]: string } = HANDLERS, ...below: string[]): string {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'streamer-'));
  made.push(temporary);
  const root = path.join(temporary, ...below);
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), content);
  }
  return root;
}

afterAll(() => {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});
