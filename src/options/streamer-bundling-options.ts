import type { Charset, ICommandHooks, LogLevel, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * Options for bundling handlers with esbuild. They have the names and meanings of `BundlingOptions` of `NodejsFunction`. `assets` is an additional
 * option. If a default differs from `NodejsFunction`, the comment of the option mentions it.
 *
 * The options of a handler are merged with those of the API. Arrays are concatenated, and maps are merged by key. Any other option of the handler
 * replaces that of the API.
 */
export interface StreamerBundlingOptions {
  /**
   * Modules that are neither bundled nor installed, for example modules that a layer provides, or optional modules that the handler does not use. A
   * `*` matches any characters.
   *
   * @default - none; the AWS SDK is bundled, because a bundled SDK loads faster than the SDK of the Lambda runtime
   */
  readonly externalModules?: string[];

  /**
   * Packages that are installed into the function's `node_modules` instead of being bundled. The lock file determines their versions, and they are
   * installed for the function's platform and architecture. Use this for packages with native code, and for packages that read files next to their
   * own code.
   *
   * @default - none; all modules are bundled
   */
  readonly nodeModules?: string[];

  /**
   * Files and folders that are copied next to the bundle. Their paths are relative to the project's root. A file below the folder of the handler's
   * module keeps its path relative to that folder, so that `join(__dirname, 'x.txt')` finds it. Any other file is copied under its base name.
   *
   * @default - none
   */
  readonly assets?: string[];

  /**
   * Format of the bundle. `OutputFormat.ESM` allows `await` at the top level of modules. `__dirname`, `require` and `import.meta.dirname` are defined
   * in both formats.
   *
   * @default OutputFormat.CJS
   */
  readonly format?: OutputFormat;

  /**
   * Loaders by file extension, such as `{ '.glsl': 'text' }`. They are added to the default loaders.
   *
   * @default - esbuild's own; `text` for text files, including YAML; `binary` (a `Uint8Array`) for images, fonts, PDF and WebAssembly
   */
  readonly loader?: { [extension: string]: string };

  /**
   * Constant expressions that replace global identifiers, such as `{ 'process.env.DEBUG': 'false' }`.
   *
   * @default - none
   */
  readonly define?: { [name: string]: string };

  /**
   * Modules whose exports replace global variables. Their paths are relative to the project's root.
   *
   * @default - none
   */
  readonly inject?: string[];

  /**
   * JavaScript that is inserted before the bundle's code.
   *
   * @default - none
   */
  readonly banner?: string;

  /**
   * JavaScript that is appended to the bundle's code.
   *
   * @default - none
   */
  readonly footer?: string;

  /**
   * Whether the code is minified. `NodejsFunction` does not minify code by default.
   *
   * @default true
   */
  readonly minify?: boolean;

  /**
   * Whether functions and classes keep their `name` in the bundle. `NodejsFunction` does not keep the names by default.
   *
   * @default true
   */
  readonly keepNames?: boolean;

  /**
   * Whether the function has a source map next to its bundle. The runtime reads it only when it logs the first error. `NodejsFunction` creates no source map by
   * default.
   *
   * @default true
   */
  readonly sourceMap?: boolean;

  /**
   * Location of the source map. It cannot be combined with `sourceMap: false`.
   *
   * @default SourceMapMode.DEFAULT
   */
  readonly sourceMapMode?: SourceMapMode;

  /**
   * Whether the source map contains the sources themselves. Stack traces do not need them. `NodejsFunction` includes them by default.
   *
   * @default false
   */
  readonly sourcesContent?: boolean;

  /**
   * JavaScript version or platform for which esbuild generates code, such as `node24`.
   *
   * @default - the Node.js version of the function's runtime
   */
  readonly target?: string;

  /**
   * Path of the tsconfig file, relative to the project's root.
   *
   * @default - the nearest `tsconfig.json` above each module
   */
  readonly tsconfig?: string;

  /**
   * Whether TypeScript compiles the project's modules before esbuild bundles them. `emitDecoratorMetadata` needs this step. Types are not checked.
   * The project must have the package `typescript` in a version before 7, and a tsconfig for the handler.
   *
   * @default false
   */
  readonly preCompilation?: boolean;

  /**
   * Commands that run on this machine before and after bundling. They receive the project's root and the folder of the function's code.
   *
   * @default - none
   */
  readonly commandHooks?: ICommandHooks;

  /**
   * Further options of esbuild's command line, such as `{ '--conditions': 'worker' }`.
   *
   * @default - none
   */
  readonly esbuildArgs?: { [name: string]: unknown };

  /**
   * Fields of a `package.json` that name the package's entry module. The first field that exists is used.
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
   * Whether esbuild's report on the contents of the bundle is written next to the bundle, as `index.meta.json`.
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
