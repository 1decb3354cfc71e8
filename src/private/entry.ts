import * as path from 'node:path';

/** A handler whose files have been found. */
export interface LocatedHandler {
  readonly action: string;
  /** Absolute path of the module that exports the handler. */
  readonly file: string;
  /** Absolute path of the module that exports the input's schema. */
  readonly schemaFile?: string;
  readonly sync: boolean;
}

/**
 * Source of the router's entry: sync handlers and the schemas of async ones, never an async handler.
 *
 * Paths are relative to the project root, so that the text is the same in each checkout.
 */
export function routerEntry(projectRoot: string, handlers: readonly LocatedHandler[]): string {
  const imports: string[] = ["import { createRouter } from 'cdk-streamer:runtime/router';"];
  const actions = handlers.map((handler, index) => {
    const imported = handler.sync ? handler.file : handler.schemaFile;
    if (imported) imports.push(`import * as m${index} from ${specifier(projectRoot, imported)};`);
    return `  ${JSON.stringify(handler.action)}: ${routerAction(handler, `m${index}`)},`;
  });
  return [...imports, 'export const handler = createRouter({ actions: {', ...actions, '} });', ''].join('\n');
}

function routerAction(handler: LocatedHandler, name: string): string {
  if (handler.sync) return `{ kind: 'sync', module: ${name} }`;
  return handler.schemaFile ? `{ kind: 'async', schema: ${name} }` : "{ kind: 'async' }";
}

/** Source of the entry of an async handler's processor. */
export function processorEntry(projectRoot: string, { action, file, schemaFile }: LocatedHandler): string {
  const schema = schemaFile ? [`import * as schema from ${specifier(projectRoot, schemaFile)};`] : [];
  return [
    "import { createProcessor } from 'cdk-streamer:runtime/processor';",
    `import * as module from ${specifier(projectRoot, file)};`,
    ...schema,
    `export const handler = createProcessor({ action: ${JSON.stringify(action)}, module${schemaFile ? ', schema' : ''} });`,
    '',
  ].join('\n');
}

function specifier(projectRoot: string, file: string): string {
  const relative = path.relative(projectRoot, file).split(path.sep).join('/');
  return JSON.stringify(relative.startsWith('../') ? relative : `./${relative}`);
}
