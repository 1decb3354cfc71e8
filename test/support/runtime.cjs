// How jest loads the modules of a suite. Jest gives each suite its own copies of all modules. The packages below are loaded once in each worker
// instead, because loading one takes up to a second.
//
// A shared package has the global objects of the worker, not those of the suite. So it must not test the objects of a suite with `instanceof`,
// as esbuild does with regular expressions, and must not read `process.env`, as the AWS SDK does.
const hooks = require('node:async_hooks');
const { createRequire } = require('node:module');
const Runtime = require('jest-runtime').default;

const SHARED = [
  'aws-cdk-lib',
  'constructs',
  'cdk-nag',
  'typescript',
  'fast-check',
  'playwright-core',
  'arktype',
  'zod',
];
const SHARED_MODULE = new RegExp(`^(.*/node_modules/)?(${SHARED.join('|')})(/|$)`);
/** jest maps this name to a module of the tests, which loads the package by its path. */
const MAPPED = 'fast-check';

/**
 * Storages that were created in this worker. In Node.js up to version 22, each AsyncLocalStorage in use makes each new promise slower, until the
 * storage is disabled. jest creates one for each suite and never disables it, so the last suites of a worker would need several times as long as the
 * first.
 */
const storages = new Set();
hooks.AsyncLocalStorage = class extends hooks.AsyncLocalStorage {
  constructor(...args) {
    super(...args);
    storages.add(this);
  }
};

function disableStorages() {
  // A storage that is used again enables itself.
  for (const storage of storages) storage.disable();
  storages.clear();
}

module.exports = class SharingRuntime extends Runtime {
  teardown() {
    super.teardown();
    disableStorages();
  }

  requireModuleOrMock(from, name) {
    if (name !== MAPPED && SHARED_MODULE.test(name)) return createRequire(from)(name);
    return super.requireModuleOrMock(from, name);
  }
};
