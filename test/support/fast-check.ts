// The import uses a path, because jest maps the name `fast-check` to this module.
import { configureGlobal } from '../../node_modules/fast-check/lib/cjs/fast-check.js';
import { SEED } from './seed';

export * from '../../node_modules/fast-check/lib/cjs/fast-check.js';
export { default } from '../../node_modules/fast-check/lib/cjs/fast-check.js';

configureGlobal({ seed: SEED });
