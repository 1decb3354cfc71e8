import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { HANDLERS } from '../../apps/handlers';

export { HANDLERS };

const made: string[] = [];

/** Creates a folder with these files. It is removed after the tests of the file. */
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
