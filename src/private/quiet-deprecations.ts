/** The variable by which users choose what the CDK does about deprecated names: `warn`, `fail` or `quiet`. */
const MODE = 'JSII_DEPRECATED';

/**
 * Runs CDK code that uses deprecated names of its own, which its caller cannot change: neither warned of nor refused. Code of users
 * must not run within it.
 */
export function withoutDeprecations<T>(create: () => T): T {
  const mode = process.env[MODE];
  process.env[MODE] = 'quiet';
  try {
    return create();
  } finally {
    if (mode === undefined) delete process.env[MODE];
    else process.env[MODE] = mode;
  }
}
