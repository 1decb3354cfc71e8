import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeFailure } from './errors';

export type Handler = (event: unknown, context: unknown, callback?: unknown) => unknown;

const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

/**
 * Loads the handler `folder/file.export.nested` from the task root. The file's extension and the nearest package.json
 * determine whether it is CommonJS or an ES module. Top-level await is supported.
 *
 * @throws RuntimeFailure `Runtime.…` for a missing module or export, and for a handler with a callback if this Node.js
 * version does not support it. Errors that the module itself throws are passed on.
 */
export async function loadHandler(taskRoot: string, name: string): Promise<Handler> {
  const { modulePath, exportPath } = splitName(taskRoot, name);
  const file = findModule(modulePath, name);
  const handler = pick(await loadModule(file), exportPath);
  if (handler === undefined)
    throw new RuntimeFailure('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new RuntimeFailure('Runtime.HandlerNotFound', `${name} is not a function`);
  refuseCallbacks(handler as Handler);
  return handler as Handler;
}

function splitName(taskRoot: string, name: string): { modulePath: string; exportPath: string[] } {
  const slash = name.lastIndexOf('/') + 1;
  const [module, ...exportPath] = name.slice(slash).split('.');
  const modulePath = join(taskRoot, name.slice(0, slash), module ?? '');
  const inside = relative(taskRoot, modulePath);
  if (!module || exportPath.length === 0 || inside.startsWith('..') || isAbsolute(inside)) {
    throw new RuntimeFailure('Runtime.MalformedHandlerName', `'${name}' is not a valid handler: file.export expected`);
  }
  return { modulePath, exportPath };
}

function findModule(modulePath: string, name: string): string {
  const file = EXTENSIONS.map((extension) => modulePath + extension).find(isFile);
  if (!file) throw new RuntimeFailure('Runtime.ImportModuleError', `Cannot find the module of ${name}`);
  return file;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function loadModule(file: string): Promise<unknown> {
  try {
    return isEsModule(file) ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  } catch (error) {
    throw asImportFailure(error);
  }
}

function asImportFailure(error: unknown): unknown {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    return new RuntimeFailure('Runtime.ImportModuleError', `Error: ${(error as Error).message}`, error);
  }
  if (error instanceof SyntaxError) {
    return new RuntimeFailure('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
  }
  return error;
}

function isEsModule(file: string): boolean {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  return nearestPackageType(dirname(file)) === 'module';
}

function nearestPackageType(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestPackageType(parent);
}

function pick(module: unknown, path: string[]): unknown {
  let value = module as Record<string, unknown> | undefined;
  for (const key of path) value = value?.[key] as Record<string, unknown> | undefined;
  return value;
}

/** Refuses a handler with a callback. Like Lambda's Node.js 24 runtime, it counts the handler's parameters at init. */
function refuseCallbacks(handler: Handler): void {
  const major = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? '')?.[1] ?? 0);
  if (major < 24 || handler.length < 3) return;
  throw new RuntimeFailure(
    'Runtime.CallbackHandlerDeprecated',
    'Callback handlers ended with Node.js 24: declare at most (event, context) and return a promise.',
  );
}
