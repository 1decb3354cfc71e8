import { type BundledModule, exampleOf } from './load-schema';

/** Process that runs a module of the user, for as long as one example takes. */
process.once('message', async (module: BundledModule) => {
  const example = await exampleOf(module);
  process.send?.(example, () => process.exit());
});
