import { join } from 'node:path';
import { suggestFile } from '../../../src/validation/suggest';
import { makeProject } from '../support/project';

const root = makeProject({
  'handlers/report.ts': '',
  'handlers/REPORT_old.ts': '',
  'handlers/notes.md': '',
  'src/deep/export.mts': '',
  'node_modules/x/hidden.ts': '',
  'dist/hidden.js': '',
});
const suggest = (file: string) => suggestFile(root, join(root, file));

test.each([
  ['handlers/report.js', 'handlers/report.ts'],
  ['handlers/Report.ts', 'handlers/report.ts'],
  ['handlers/reprot.ts', 'handlers/report.ts'],
  ['handlers/export.ts', 'src/deep/export.mts'],
  ['nowhere/export', 'src/deep/export.mts'],
])('%s was meant as %s', (missing, meant) => {
  expect(suggest(missing)).toBe(meant);
});

test.each([
  'handlers/invoice.ts',
  'handlers/notes.ts',
  'hidden.ts',
  'handlers/re.ts',
])('no name is similar to %s', (missing) => {
  expect(suggest(missing)).toBeUndefined();
});
