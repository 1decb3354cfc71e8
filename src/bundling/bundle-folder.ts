import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { StreamerValidationError } from '../validation/errors';
import { assetsOf, type Bundle, copyAssets, modulesToInstall, runtimeFilesOf } from './bundle';
import type { BundleOutput } from './esbuild/output';
import { installModules, type Platform, temporaryFolder } from './packages/node-modules';

/** Folder of a function's code: the bundle, the runtime's files, assets and installed packages. */
export class BundleFolder {
  private output: BundleOutput | undefined;
  private modules: string | undefined;
  /** The folder that the user's commands work on. */
  private readonly staging: string | undefined;

  public constructor(
    private readonly projectRoot: string,
    public readonly bundle: Bundle,
    private readonly platform: Platform,
  ) {
    this.staging = bundle.bundling.commandHooks && temporaryFolder();
  }

  public runBefore(): void {
    this.hook('beforeBundling');
  }

  /** Installs packages, and runs the commands `beforeInstall` and `afterBundling`. */
  public fill(output: BundleOutput): void {
    this.output = output;
    const modules = modulesToInstall(this.bundle, output.externals);
    if (modules.length > 0) {
      this.hook('beforeInstall');
      this.modules = installModules(
        this.projectRoot,
        { ...this.bundle.bundling, nodeModules: [...modules] },
        this.platform,
      );
    }
    if (!this.staging) return;
    this.assemble(this.staging);
    this.hook('afterBundling');
  }

  /** Writes the contents into the folder of an asset. */
  public copyTo(folder: string): void {
    if (this.staging) fs.cpSync(this.staging, folder, { recursive: true });
    else this.assemble(folder);
  }

  private assemble(folder: string): void {
    const { files } = this.output as BundleOutput;
    for (const [name, contents] of files) fs.writeFileSync(path.join(folder, name), contents);
    for (const file of runtimeFilesOf(this.bundle)) fs.copyFileSync(file, path.join(folder, path.basename(file)));
    copyAssets(assetsOf(this.projectRoot, this.bundle), folder);
    if (!this.modules) return;
    fs.cpSync(this.modules, path.join(folder, 'node_modules'), { recursive: true, dereference: true });
  }

  private hook(name: 'beforeBundling' | 'beforeInstall' | 'afterBundling'): void {
    const { commandHooks, environment } = this.bundle.bundling;
    if (!commandHooks || !this.staging) return;
    for (const command of commandHooks[name](this.projectRoot, this.staging) ?? []) {
      run(name, command, this.projectRoot, environment);
    }
  }
}

function run(hook: string, command: string, cwd: string, environment: Record<string, string> = {}): void {
  const options = { cwd, env: { ...process.env, ...environment }, encoding: 'utf8' as const };
  const { status, stdout, stderr, error } =
    process.platform === 'win32'
      ? spawnSync(command, { ...options, shell: true })
      : spawnSync('bash', ['-c', command], options);
  if (!error && status === 0) return;
  const said = error ? error.message : `${stderr}\n${stdout}`.trim();
  throw new StreamerValidationError(
    `\`bundling.commandHooks.${hook}\` must return commands that succeed, got: '${command}' (status ${status}). ${said}`,
  );
}
