/** Files of a project with handlers of three kinds: sync, async with a schema next to it, async without. */
export const HANDLERS: { readonly [file: string]: string } = {
  'package.json': '{}',
  'handlers/echo.ts': `import { defineHandler } from 'cdk-streamer/handler';
export default defineHandler({ run: async ({ input }: any) => input });`,
  'handlers/report.ts': `import { defineHandler } from 'cdk-streamer/handler';
export default defineHandler({ run: async () => 'report' });`,
  'handlers/report.schema.ts': `export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };`,
  'handlers/archive.ts': 'export default { run: async () => null };',
};
