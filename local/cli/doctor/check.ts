/** Result of one check of a machine or a project. */
export interface Finding {
  /** `fail` means that the application cannot run. `warn` means that some feature will not work. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** Remedy for the problem. */
  readonly remedy?: string;
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const warn = (what: string, remedy: string): Finding => ({ level: 'warn', what, remedy });
export const fail = (what: string, remedy: string): Finding => ({ level: 'fail', what, remedy });
