/** Environment variable that sets the CDK's reaction to deprecated names: `warn`, `fail` or `quiet`. */
const MODE = 'JSII_DEPRECATED';

/**
 * Runs CDK code that itself uses deprecated names, without warnings or errors about them, because the caller cannot change that code. Code of users must not
 * run within it.
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
