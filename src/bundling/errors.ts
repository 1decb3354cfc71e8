import * as fs from 'node:fs';
import * as path from 'node:path';
import { StreamerValidationError } from '../validation/errors';
import type { EsbuildMessage } from './esbuild/esbuild';
import { packageOf, packageOfSpecifier } from './packages/names';

/** Message for an esbuild error, with the option that fixes it if there is one. */
export function bundlingError(projectRoot: string, error: Error): StreamerValidationError {
  const messages = (error as { errors?: readonly EsbuildMessage[] }).errors ?? [];
  const remedies = [
    ...unresolvedRemedies(messages),
    ...new Set(messages.flatMap((message) => remedyOf(projectRoot, message) ?? [])),
  ];
  const text = [`A handler could not be bundled. ${error.message}`, ...remedies.map((remedy) => `\n${remedy}`)];
  return new StreamerValidationError(text.join('\n'), { cause: error });
}

const quoted = (names: Iterable<string>): string => [...names].map((name) => `'${name}'`).join(', ');

/** Packages import optional modules that are not installed. Each missing module is reported once. */
function unresolvedRemedies(messages: readonly EsbuildMessage[]): string[] {
  const missing = new Map<string, Set<string>>();
  for (const { text, location } of messages) {
    const [, specifier = ''] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
    const importer = location && packageOf(location.file)?.name;
    if (!importer || /^[./#]/.test(specifier) || specifier === '') continue;
    missing.set(importer, (missing.get(importer) ?? new Set()).add(packageOfSpecifier(specifier)));
  }
  if (missing.size === 0) return [];
  const loads = [...missing].map(([importer, names]) => `\`${importer}\` loads ${[...names].join(', ')}`);
  const all = new Set([...missing.values()].flatMap((names) => [...names]));
  return [
    `${loads.join('; ')}: this project has not installed them. Install what the handler uses; leave out what it does not: \`bundling: { externalModules: [${quoted(all)}] }\``,
  ];
}

function remedyOf(projectRoot: string, { text, location }: EsbuildMessage): string | undefined {
  const [, ending] = /^No loader is configured for "(\.[^"]+)" files/.exec(text) ?? [];
  if (ending !== undefined) return loaderRemedy(ending, location?.file ?? '');
  if (/top-level await/i.test(text)) {
    return "`await` at the top level of a module needs an ESM bundle: `bundling: { format: OutputFormat.ESM }` (a sync handler also needs `isolated: true`, or the option in the API's `bundling`)";
  }
  const [, specifier = ''] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
  if (specifier !== '' && !/^[./]/.test(specifier) && !packageOf(location?.file ?? '')) {
    return tsconfigRemedy(projectRoot, specifier);
  }
  return undefined;
}

function loaderRemedy(ending: string, importer: string): string {
  const owner = packageOf(importer);
  if (owner) {
    return `\`${owner.name}\` has files that cannot be bundled (${ending}): have it installed beside the bundle, \`bundling: { nodeModules: ['${owner.name}'] }\``;
  }
  if (ending === '.node') return "Copy native code beside the bundle: `bundling: { loader: { '.node': 'copy' } }`";
  return `Say what an import of such a file gives: \`bundling: { loader: { '${ending}': 'text' } }\`, or 'binary', 'json', 'copy'`;
}

/** A path alias that only a tsconfig with another file name can resolve. */
function tsconfigRemedy(projectRoot: string, specifier: string): string | undefined {
  const [prefix] = specifier.split('/');
  const found = fs.readdirSync(projectRoot).filter((name) => /^tsconfig\..+\.json$/.test(name));
  const file = found.find((name) => fs.readFileSync(path.join(projectRoot, name), 'utf8').includes(`"${prefix}`));
  return file && `${file} has paths for \`${specifier}\`: \`bundling: { tsconfig: '${file}' }\``;
}
