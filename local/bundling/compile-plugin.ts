import { createRequire } from 'node:module';
import * as path from 'node:path';

/** The part of esbuild's plugin interface that this module uses. */
export interface Plugin {
  readonly name: string;
  setup(build: PluginBuild): void;
}

export interface PluginBuild {
  onStart(callback: () => void): void;
  onLoad(options: { filter: RegExp }, callback: (args: { path: string }) => LoadResult | undefined): void;
}

export interface LoadResult {
  readonly contents?: string;
  readonly loader?: 'js' | 'jsx';
  readonly errors?: { readonly text: string }[];
}

/** The part of TypeScript's API that this module uses. The user's project determines the version of TypeScript. */
type TypeScript = typeof import('typescript');

export interface CompileOptions {
  readonly projectRoot: string;
  /** Absolute path of the tsconfig. If it is undefined, each module uses the nearest tsconfig above it. */
  readonly tsconfig?: string;
}

/**
 * Creates an esbuild plugin with which TypeScript compiles the project's modules. `emitDecoratorMetadata` needs this.
 * esbuild still resolves imports from the folders of the sources, and source maps point to the sources. Types are not
 * checked.
 */
export function compilePlugin(options: CompileOptions): Plugin {
  return {
    name: 'cdk-streamer-compile',
    setup(build) {
      const programs = new Programs(options);
      build.onStart(() => programs.clear());
      build.onLoad({ filter: /\.[cm]?tsx?$/ }, ({ path: file }) =>
        /[\\/]node_modules[\\/]/.test(file) ? undefined : programs.compile(file),
      );
    },
  };
}

/** The TypeScript programs, one per tsconfig. A module is added to its program when esbuild requests the module. */
class Programs {
  private readonly byConfig = new Map<string, Program>();
  private readonly ts: TypeScript;

  public constructor(private readonly options: CompileOptions) {
    this.ts = loadTypeScript(options.projectRoot);
  }

  /** Resets the programs, because sources may have changed. */
  public clear(): void {
    this.byConfig.clear();
  }

  public compile(file: string): LoadResult {
    const config = this.options.tsconfig ?? this.ts.findConfigFile(path.dirname(file), this.ts.sys.fileExists);
    if (config === undefined) {
      return { errors: [{ text: `\`preCompilation\` needs a tsconfig.json above ${file}, or \`tsconfig\`` }] };
    }
    let program = this.byConfig.get(config);
    if (!program) {
      program = new Program(this.ts, config);
      this.byConfig.set(config, program);
    }
    return program.compile(file);
  }
}

class Program {
  private readonly options: import('typescript').CompilerOptions;
  private readonly declarations: string[];
  private program: import('typescript').Program | undefined;

  public constructor(
    private readonly ts: TypeScript,
    config: string,
  ) {
    const { config: json, error } = ts.readConfigFile(config, ts.sys.readFile);
    if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
    const parsed = ts.parseJsonConfigFileContent(json, ts.sys, path.dirname(config), undefined, config);
    this.declarations = parsed.fileNames.filter((name) => name.endsWith('.d.ts'));
    this.options = { ...parsed.options, ...emitOptions(ts) };
  }

  public compile(file: string): LoadResult {
    const program = this.including(file);
    const source = program.getSourceFile(file);
    if (!source) return { errors: [{ text: `TypeScript does not compile ${file}` }] };
    const errors = program.getSyntacticDiagnostics(source);
    if (errors.length > 0) {
      return {
        errors: errors.map(({ messageText }) => ({ text: this.ts.flattenDiagnosticMessageText(messageText, '\n') })),
      };
    }
    let contents = '';
    program.emit(source, (name, text) => {
      if (/\.[cm]?jsx?$/.test(name)) contents = text;
    });
    return { contents, loader: /x$/.test(file) ? 'jsx' : 'js' };
  }

  /**
   * Returns the program of a module. If no other module of the program imports this module, the program is created
   * again and includes it.
   */
  private including(file: string): import('typescript').Program {
    if (!this.program?.getSourceFile(file)) {
      const roots = [...(this.program?.getRootFileNames() ?? this.declarations), file];
      this.program = this.ts.createProgram(roots, this.options, undefined, this.program);
    }
    return this.program;
  }
}

/** Compiler options for esbuild's input: ES modules with an inline source map, regardless of the project's own options. */
function emitOptions(ts: TypeScript): import('typescript').CompilerOptions {
  return {
    noEmit: false,
    emitDeclarationOnly: false,
    declaration: false,
    declarationMap: false,
    composite: false,
    incremental: false,
    tsBuildInfoFile: undefined,
    noEmitOnError: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    outDir: undefined,
    outFile: undefined,
    rootDir: undefined,
    sourceMap: false,
    inlineSourceMap: true,
    inlineSources: false,
    module: ts.ModuleKind.Preserve ?? ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    jsx: ts.JsxEmit.Preserve,
  };
}

function loadTypeScript(projectRoot: string): TypeScript {
  const found = find(projectRoot);
  if (typeof found?.createProgram === 'function') return found;
  const got = found ? `version ${found.version}, which has no compiler API` : 'none';
  throw new Error(
    `\`preCompilation\` needs the package typescript with a version below 7 in ${projectRoot}; found ${got}. Install it: npm install --save-dev typescript@6`,
  );
}

function find(projectRoot: string): TypeScript | undefined {
  try {
    return createRequire(path.join(projectRoot, 'index.js'))('typescript') as TypeScript;
  } catch {
    return undefined;
  }
}
