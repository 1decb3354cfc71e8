/** Result of one check of a machine or a project. */
export interface Finding {
  /** `fail`: the application cannot be run like this. `warn`: something will be missing. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** Remedy. */
  readonly mend?: string;
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const warn = (what: string, mend: string): Finding => ({ level: 'warn', what, mend });
export const fail = (what: string, mend: string): Finding => ({ level: 'fail', what, mend });
