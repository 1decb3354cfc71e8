import { type FunctionCode, functionNamed, functionsOf } from '../lib/assembly';
import { synthesize } from '../lib/synthesize';

/** The handlers of the fixture `bundling`: one that is tiny, and one that loads all that the demo's report loads. */
export const HANDLERS = ['tiny', 'report'] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** The functions of the fixture by handler, bundled with the options. */
export type Variant = Readonly<Record<HandlerName, FunctionCode>>;

/**
 * Synthesizes the fixture with options of `bundling`.
 *
 * @param folder where the cloud assembly is written
 */
export async function bundledWith(folder: string, bundling: Readonly<Record<string, unknown>>): Promise<Variant> {
  await synthesize('bundling', folder, { bundling });
  const functions = functionsOf(folder);
  const named = HANDLERS.map((name) => [name, functionNamed(`Isolated/${name}`, functions)] as const);
  return Object.fromEntries(named) as Variant;
}
