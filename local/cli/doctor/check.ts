/** Result of one check of a machine or a project. */
export interface Finding {
  /** `fail` means that the application cannot run. `warn` means that some feature will not work. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** Remedy for the problem. */
  readonly mend?: string;
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const warn = (what: string, mend: string): Finding => ({ level: 'warn', what, mend });
export const fail = (what: string, mend: string): Finding => ({ level: 'fail', what, mend });
