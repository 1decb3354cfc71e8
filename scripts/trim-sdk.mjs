// Plugin of esbuild that removes parts of the AWS SDK that no function needs. They would add 170 KB to every cold start.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Public packages of the SDK, with the modules that replace them. */
const STAND_INS = new Map([
  ['@aws-sdk/credential-provider-node', 'lambda-src/runtime/sdk/credentials.ts'],
  ['@aws-sdk/middleware-endpoint-discovery', 'lambda-src/runtime/sdk/endpoint-discovery.ts'],
  ['@smithy/core/event-streams', 'lambda-src/runtime/sdk/event-streams.ts'],
]);

/** Modules of the SDK, with the functions that return their shorter text. */
const SHORTER = [
  [/[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/, versionOnly, 'json'],
  [/[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]models[\\/]errors\.js$/, shortErrors],
  [/[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/, partitionsWithoutRegions],
  [/[\\/]checksum[\\/]sha256[\\/]Sha256Js\.js$/, () => 'export const Sha256Js = undefined;'],
];

/** @param root folder of the repository */
export const trimSdk = (root) => ({
  name: 'trim-sdk',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path }) =>
      STAND_INS.has(path) ? { path: join(root, STAND_INS.get(path)) } : undefined,
    );
    for (const [filter, shorten, loader = 'js'] of SHORTER) {
      onLoad({ filter }, async ({ path }) => ({ contents: await shorten(await readFile(path, 'utf8'), path), loader }));
    }
  },
});

/** Removes everything except the version from a package.json, because nothing else is read. */
function versionOnly(text) {
  const { version } = JSON.parse(text);
  return JSON.stringify({ version });
}

/** Removes the regions of each partition. They contain only descriptions: the SDK finds the partition of a region by `regionRegex`. */
async function partitionsWithoutRegions(_, path) {
  const { partitionsInfo } = await import(pathToFileURL(path));
  const partitions = partitionsInfo.partitions.map((partition) => ({ ...partition, regions: {} }));
  return `export const partitionsInfo = ${JSON.stringify({ ...partitionsInfo, partitions })};`;
}

/** Matches one class of an `errors.js`. Its body only repeats the name and copies the fields. */
const ERROR_CLASS =
  /export class (\w+) extends __BaseException \{\s+static shapeId = "[^"]+";\s+name = "\1";\s+\$fault = "(\w+)";\s+(?:\$retryable = (\{[^;]*\});\s+)?(?:\w+;\s+)*constructor\(opts\) \{\s+super\(\{\s+name: "\1",\s+\$fault: "\2",\s+\.\.\.opts,?\s+\}\);\s+Object\.setPrototypeOf\(this, \1\.prototype\);\s+((?:this\.\w+ = opts\.\w+;\s+)*)\}\s+\}/g;

/**
 * Creates the error classes with one function. The classes have the same names, fields and prototypes.
 *
 * @throws Error if the SDK writes its classes in another form
 */
function shortErrors(text, path) {
  const rest = text.replace(ERROR_CLASS, (_, name, fault, retryable = 'undefined', copies) => {
    const fields = [...copies.matchAll(/this\.(\w+)/g)].map(([, field]) => field);
    return `export const ${name} = /* @__PURE__ */ define("${name}", "${fault}", ${JSON.stringify(fields)}, ${retryable});`;
  });
  if (/class /.test(rest)) throw new Error(`${path}: the plugin does not know the form of some error classes`);
  return `${rest}\n${DEFINE}`;
}

const DEFINE = `
function define(name, $fault, fields, $retryable) {
  return class extends __BaseException {
    constructor(opts) {
      super({ name, $fault, ...opts });
      this.name = name;
      this.$fault = $fault;
      if ($retryable) this.$retryable = $retryable;
      Object.setPrototypeOf(this, new.target.prototype);
      for (const field of fields) this[field] = opts[field];
    }
  };
}
`;
