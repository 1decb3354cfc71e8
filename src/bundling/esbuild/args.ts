import { reject } from '../../validation/errors';

/** Type of an option's value in esbuild's JavaScript interface. */
type Kind = 'boolean' | 'number' | 'text' | 'list' | 'entries' | 'map';

/** The options that `esbuildArgs` accepts. */
const ARGS: { readonly [name: string]: Kind } = {
  '--alias': 'map',
  '--conditions': 'list',
  '--drop': 'entries',
  '--drop-labels': 'list',
  '--ignore-annotations': 'boolean',
  '--jsx': 'text',
  '--jsx-dev': 'boolean',
  '--jsx-factory': 'text',
  '--jsx-fragment': 'text',
  '--jsx-import-source': 'text',
  '--jsx-side-effects': 'boolean',
  '--legal-comments': 'text',
  '--line-limit': 'number',
  '--log-limit': 'number',
  '--log-override': 'map',
  '--minify-identifiers': 'boolean',
  '--minify-syntax': 'boolean',
  '--minify-whitespace': 'boolean',
  '--packages': 'text',
  '--preserve-symlinks': 'boolean',
  '--pure': 'entries',
  '--resolve-extensions': 'list',
  '--supported': 'map',
  '--tree-shaking': 'boolean',
  '--tsconfig-raw': 'text',
};

/** Options of esbuild that have their own property in `bundling`. */
const PROPERTIES: { readonly [name: string]: string } = {
  '--banner': 'banner',
  '--charset': 'charset',
  '--define': 'define',
  '--external': 'externalModules',
  '--footer': 'footer',
  '--format': 'format',
  '--inject': 'inject',
  '--keep-names': 'keepNames',
  '--loader': 'loader',
  '--main-fields': 'mainFields',
  '--metafile': 'metafile',
  '--minify': 'minify',
  '--sourcemap': 'sourceMapMode',
  '--sources-content': 'sourcesContent',
  '--target': 'target',
  '--tsconfig': 'tsconfig',
};

/**
 * Translates options of esbuild's command line, in the form that `NodejsFunction` accepts: `{ '--alias': 'a=b' }` or `{ '--alias:a': 'b'
 * }`.
 *
 * @throws StreamerValidationError for an option that does not exist, or that Streamer sets itself
 */
export function parseEsbuildArgs(args: { readonly [arg: string]: unknown }, at = 'bundling'): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [arg, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue;
    const [, name = arg, , key] = /^(--[^:]+)(:(.*))?$/.exec(arg) ?? [];
    const kind = ARGS[name] ?? refuse(`${at}.esbuildArgs`, name, arg);
    const property = camel(name);
    options[property] = parse(kind, `${at}.esbuildArgs`, { arg, key, value, before: options[property] });
  }
  return options;
}

function refuse(at: string, name: string, arg: string): never {
  const property = PROPERTIES[name];
  const remedy = property ? `Use the property \`${property}\`` : `Known options: ${Object.keys(ARGS).join(', ')}`;
  return reject(at, 'name options of esbuild that Streamer does not set itself', arg, remedy);
}

interface Given {
  readonly arg: string;
  /** Key after the colon in the option's name, as in `--alias:key`. */
  readonly key: string | undefined;
  readonly value: unknown;
  readonly before: unknown;
}

function parse(kind: Kind, at: string, { arg, key, value, before }: Given): unknown {
  const text = value === true ? '' : String(value);
  switch (kind) {
    case 'boolean':
      return !/^false$/i.test(text);
    case 'number':
      return /^\d+$/.test(text) ? Number(text) : reject(at, `give ${arg} a number`, value);
    case 'text':
      return text;
    case 'list':
      return text.split(',').filter((each) => each !== '');
    case 'entries':
      return [...((before as string[] | undefined) ?? []), key ?? text];
    case 'map': {
      const [, name = '', given = ''] =
        key === undefined ? (/^([^=]*)=(.*)$/s.exec(text) ?? []) : ['', key, value === true ? 'true' : text];
      if (name === '' || given === '') reject(at, `give ${arg} a name and a value: '${arg}': 'name=value'`, value);
      return { ...(before as object | undefined), [name]: given === 'true' ? true : given === 'false' ? false : given };
    }
  }
}

const camel = (arg: string): string =>
  arg.slice(2).replace(/-(\w)/g, (_, letter: string) => (letter === undefined ? '' : letter.toUpperCase()));
