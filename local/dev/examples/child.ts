import { type BundledModule, exampleOf } from './load-schema';

/** This process runs a module of the user. It ends after one example. */
process.once('message', async (module: BundledModule) => {
  const example = await exampleOf(module);
  process.send?.(example, () => process.exit());
});
