import type { Charset, ICommandHooks, LogLevel, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * Options by which esbuild bundles handlers. Names and meanings are those of `BundlingOptions` of `NodejsFunction`; `assets` is added, and the defaults
 * differ where the comment says so.
 *
 * Options of a handler are added to those of the API: arrays are joined, maps are merged by key, any other option of the handler replaces that of the API.
 */
export interface StreamerBundlingOptions {
  /**
   * Modules that are left out of the bundle and not installed: those that a layer brings, or optional ones that the handler does not use. A `*`
   * stands for any characters.
   *
   * @default - none; the AWS SDK is bundled, since that starts faster than the one of the runtime
   */
  readonly externalModules?: string[];

  /**
   * Packages that are installed into the function's `node_modules` instead of being bundled, with the versions of the lock file, for the function's platform
   * and architecture: those with native code, and those that read files beside their own code.
   *
   * @default - none; all modules are bundled
   */
  readonly nodeModules?: string[];

  /**
   * Files and folders that lie beside the bundle in the function, paths from the project's root. One below the folder of the handler's module keeps its path
   * relative to that folder, so that `join(__dirname, 'x.txt')` finds it; any other has its own name.
   *
   * @default - none
   */
  readonly assets?: string[];

  /**
   * Format of the bundle. `OutputFormat.ESM` allows `await` at the top level of modules. `__dirname`, `require` and `import.meta.dirname` are defined
   * in both.
   *
   * @default OutputFormat.CJS
   */
  readonly format?: OutputFormat;

  /**
   * Loaders by the ending of imported files, such as `{ '.glsl': 'text' }`. They are added to those that are there.
   *
   * @default - esbuild's own, text files as `text`, YAML included, images, fonts, PDF and WebAssembly as `binary` (a `Uint8Array`)
   */
  readonly loader?: { [extension: string]: string };

  /**
   * Constant expressions that replace global identifiers, such as `{ 'process.env.DEBUG': 'false' }`.
   *
   * @default - none
   */
  readonly define?: { [name: string]: string };

  /**
   * Modules whose exports replace global variables, paths from the project's root.
   *
   * @default - none
   */
  readonly inject?: string[];

  /**
   * JavaScript before the bundle's code.
   *
   * @default - none
   */
  readonly banner?: string;

  /**
   * JavaScript after the bundle's code.
   *
   * @default - none
   */
  readonly footer?: string;

  /**
   * Whether the code is minified. `NodejsFunction` does not by default.
   *
   * @default true
   */
  readonly minify?: boolean;

  /**
   * Whether functions and classes keep their `name` in the bundle. `NodejsFunction` does not by default.
   *
   * @default true
   */
  readonly keepNames?: boolean;

  /**
   * Whether the function has a source map beside its bundle. The runtime reads it when it logs the first error, and never before. `NodejsFunction` makes
   * none by default.
   *
   * @default true
   */
  readonly sourceMap?: boolean;

  /**
   * Where the source map is. Not with `sourceMap: false`.
   *
   * @default SourceMapMode.DEFAULT
   */
  readonly sourceMapMode?: SourceMapMode;

  /**
   * Whether the source map holds the sources themselves. Stack traces do without them. `NodejsFunction` includes them by default.
   *
   * @default false
   */
  readonly sourcesContent?: boolean;

  /**
   * Environment that the code is generated for.
   *
   * @default - the Node.js version of the function's runtime
   */
  readonly target?: string;

  /**
   * Path of the tsconfig file, from the project's root.
   *
   * @default - the nearest `tsconfig.json` above each module
   */
  readonly tsconfig?: string;

  /**
   * Whether TypeScript compiles the project's modules before esbuild bundles them, which `emitDecoratorMetadata` needs. Types are not checked. The
   * project must have the package `typescript`, before version 7, and the handler a tsconfig.
   *
   * @default false
   */
  readonly preCompilation?: boolean;

  /**
   * Commands that are run on this machine before and after bundling, with the project's root and the folder of the function's code.
   *
   * @default - none
   */
  readonly commandHooks?: ICommandHooks;

  /**
   * More options of esbuild's command line, such as `{ '--conditions': 'worker' }`.
   *
   * @default - none
   */
  readonly esbuildArgs?: { [name: string]: unknown };

  /**
   * Fields of a `package.json` that name its entry, the first that is there.
   *
   * @default ['module', 'main']
   */
  readonly mainFields?: string[];

  /**
   * Charset of the code. `NodejsFunction` writes ASCII by default.
   *
   * @default Charset.UTF8
   */
  readonly charset?: Charset;

  /**
   * Whether `index.meta.json`, esbuild's report on what is in the bundle, lies beside it.
   *
   * @default false
   */
  readonly metafile?: boolean;

  /**
   * Log level of the package manager that installs `nodeModules`.
   *
   * @default LogLevel.ERROR
   */
  readonly logLevel?: LogLevel;

  /**
   * Environment variables of the commands and of the package manager.
   *
   * @default - those of the synthesis
   */
  readonly environment?: { [name: string]: string };
}
