import { type FunctionCode, functionNamed, functionsOf } from '../lib/assembly';
import { synthesize } from '../lib/synthesize';

/** The handlers of the fixture `bundling`. One is tiny, and the other one loads everything that the demo's report loads. */
export const HANDLERS = ['tiny', 'report'] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** The functions of the fixture by handler, bundled with one set of options. */
export type Variant = Readonly<Record<HandlerName, FunctionCode>>;

/**
 * Synthesizes the fixture with the given bundling options.
 *
 * @param folder folder to which the cloud assembly is written
 */
export async function bundledWith(folder: string, bundling: Readonly<Record<string, unknown>>): Promise<Variant> {
  await synthesize('bundling', folder, { bundling });
  const functions = functionsOf(folder);
  const named = HANDLERS.map((name) => [name, functionNamed(`Isolated/${name}`, functions)] as const);
  return Object.fromEntries(named) as Variant;
}
