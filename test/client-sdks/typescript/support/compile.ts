import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFiles } from '../../../support/compiler';

const ROOT = join(__dirname, '../../../..');
const APP = join(__dirname, '../fixtures/app');

const OPTIONS = {
  target: 'es2022',
  lib: ['es2023', 'dom'],
  module: 'preserve',
  moduleResolution: 'bundler',
  resolveJsonModule: true,
  strict: true,
  skipLibCheck: true,
  types: [],
  paths: {
    'cdk-streamer-client': [join(ROOT, 'client-sdks/typescript/src/index.ts')],
    'cdk-streamer-client/server': [join(ROOT, 'client-sdks/typescript/src/server/index.ts')],
    'cdk-streamer/handler': [join(ROOT, 'lambda-src/handler/index.ts')],
  },
};

/** Files of the fixture: text by path from its folder. */
export const FIXTURE: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(join(APP, file), 'utf8')]),
);

/**
 * Compiles projects as a browser project would be, without Node's types, in one run of the compiler.
 *
 * @param projects files by the name of the project. The handlers of the fixture are there unless a project replaces them.
 * @returns errors of the compiler in the form `file:line: message`, by the name of the project
 */
export function compile<Name extends string>(
  projects: Readonly<Record<Name, Readonly<Record<string, string>>>>,
  options: Readonly<Record<string, unknown>> = {},
): Record<Name, string[]> {
  const handlers = Object.entries(FIXTURE).filter(([file]) => file.startsWith('handlers/'));
  const names = Object.keys(projects) as Name[];
  const files = names.flatMap((name) =>
    Object.entries({ ...Object.fromEntries(handlers), ...projects[name] }).map(
      ([file, text]) => [`${name}/${file}`, text] as const,
    ),
  );
  const errors = compileFiles(new Map(files), { compilerOptions: { ...OPTIONS, ...options } });
  const errorsOf = (name: string) =>
    errors
      .filter(({ file }) => file.startsWith(`${name}/`))
      .map(({ file, line, message }) => `${file.slice(name.length + 1)}:${line}: ${message}`);
  const others = errors.filter(({ file }) => !names.some((name) => file.startsWith(`${name}/`)));
  if (others.length > 0) throw new Error(`errors outside of the projects: ${JSON.stringify(others)}`);
  return Object.fromEntries(names.map((name) => [name, errorsOf(name)])) as Record<Name, string[]>;
}
