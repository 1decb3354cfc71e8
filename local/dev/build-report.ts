import type { LogSink } from '../emulator/types';
import type { BuildResult } from './bundle';
import type { Esbuild, Message } from './esbuild';

/** Result for one bundle of a round. */
export interface BundleOutcome {
  /** Name of the function in log lines. */
  readonly name: string;
  readonly result: BuildResult;
  readonly wasBroken: boolean;
  /** Whether the function now runs different code. */
  readonly replaced: boolean;
  readonly tookMs: number;
}

/**
 * Reports the results of bundling. It reports each problem once, even if several bundles have the problem or a save
 * repeats it.
 */
export class BuildReport {
  private problems: ReadonlySet<string> = new Set();
  private warnings: ReadonlySet<string> | undefined;

  public constructor(private readonly deps: { readonly esbuild: Esbuild; readonly log: LogSink }) {}

  public async tell(outcomes: readonly BundleOutcome[]): Promise<void> {
    for (const outcome of outcomes) this.reportSuccess(outcome);
    await this.reportFailures(outcomes);
    await this.reportWarnings(outcomes);
  }

  private reportSuccess({ name, result, wasBroken, replaced, tookMs }: BundleOutcome): void {
    if (!result.ok || !(replaced || wasBroken)) return;
    const what = replaced ? `re-bundled in ${tookMs} ms` : 'its code did not change';
    this.deps.log({
      source: 'dev',
      level: 'info',
      message: `${name} ${wasBroken ? 'can be bundled again, ' : ''}${what}`,
    });
  }

  private async reportFailures(outcomes: readonly BundleOutcome[]): Promise<void> {
    const names = new Map<string, string[]>();
    for (const { name, result } of outcomes) {
      if (result.ok) continue;
      const text = await this.format(result.errors, 'error');
      names.set(text, [...(names.get(text) ?? []), name]);
    }
    for (const [text, of] of names) {
      if (this.problems.has(text)) continue;
      const message = `${of.join(', ')} cannot be bundled and ${of.length === 1 ? 'runs' : 'run'} the previous code`;
      this.deps.log({ source: 'dev', level: 'error', message, below: text.split('\n') });
    }
    this.problems = new Set(names.keys());
  }

  /** Reports new warnings. The synthesis has already reported the warnings of the first round. */
  private async reportWarnings(outcomes: readonly BundleOutcome[]): Promise<void> {
    const warnings = new Set<string>();
    for (const { result } of outcomes) {
      for (const warning of result.ok ? result.built.warnings : [])
        warnings.add(await this.format([warning], 'warning'));
    }
    for (const text of warnings) {
      if (this.warnings === undefined || this.warnings.has(text)) continue;
      this.deps.log({ source: 'dev', level: 'warn', message: 'bundled, but', below: text.split('\n') });
    }
    this.warnings = new Set([...(this.warnings ?? []), ...warnings]);
  }

  /** Formats messages as esbuild's command does: with the file, line, column and source line. */
  private async format(messages: Message[], kind: 'error' | 'warning'): Promise<string> {
    const texts = await this.deps.esbuild.formatMessages(messages, { kind, color: false });
    return texts
      .join('')
      .replace(/^\s*\n/gm, '')
      .trimEnd();
  }
}
