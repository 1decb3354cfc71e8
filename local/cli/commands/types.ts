import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { UsageError } from '../arguments';
import { command, DONE, FAILED } from '../command';

/** Writes the types of the actions to a file, for a front end in a separate package. */
export const typesCommand = command({
  name: 'types',
  summary: 'write the types of the actions for a front end without access to the handlers',
  usage: [
    ['types', 'prints the types of ./actions.ts'],
    ['types <module>', 'prints the types of a module, which must export a type created with ActionsOf'],
  ],
  options: {
    out: { type: 'string', value: 'file', help: 'write this file, for example ../web/src/actions.d.ts' },
    name: { type: 'string', value: 'type', help: 'the exported type (default Actions)' },
    check: { type: 'boolean', help: 'write nothing, and fail if the file of --out is out of date' },
  },
  notes: 'The project needs TypeScript. The declaration imports nothing, so a front end needs no Node.js types.',
  parse: ({ values, positionals }) => {
    if (positionals.length > 1) throw new UsageError(`expected one module, got: ${positionals.join(' ')}`);
    if (values.check && values.out === undefined) throw new UsageError('--check needs --out');
    const { out, name = 'Actions', check = false } = values;
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) throw new UsageError(`--name must be the name of a type, got: ${name}`);
    return { module: positionals[0] ?? 'actions.ts', out, name, check };
  },
  run: async ({ module, out, name, check }, { cwd, write, tell }) => {
    const { actionTypes } = await import('../types/action-types');
    const text = actionTypes({ module: path.resolve(cwd, module), name });
    if (out === undefined) write(text.trimEnd());
    else if (!check) writeTypes(path.resolve(cwd, out), text);
    else if (!isCurrent(path.resolve(cwd, out), text)) {
      tell(`${out} is out of date: run npx cdk-streamer types ${module} --out ${out}`);
      return FAILED;
    }
    return DONE;
  },
});

function writeTypes(file: string, text: string): void {
  if (isCurrent(file, text)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const isCurrent = (file: string, text: string): boolean => existsSync(file) && readFileSync(file, 'utf8') === text;
