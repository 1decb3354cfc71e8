import type { LogSink } from '../emulator/types';

/** The steps that end a run. They are executed in the reverse order of the start. */
export class Closers {
  private readonly steps: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];

  public add(name: string, close: () => void | Promise<void>): void {
    this.steps.push({ name, close });
  }

  /** Executes all steps, even if one of them fails. It never rejects. A second call does nothing. */
  public async closeAll(log: LogSink): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) {
      try {
        await step.close();
      } catch (error) {
        log({ source: 'run', level: 'error', message: `closing ${step.name} failed`, detail: (error as Error).stack });
      }
    }
  }
}
