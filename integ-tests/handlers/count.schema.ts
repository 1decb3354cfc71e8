interface Input {
  readonly to: number;
}

type Result = { readonly value: Input } | { readonly issues: { readonly message: string; readonly path: string[] }[] };

/** A hand-written Standard Schema, so that this folder needs no library. */
export const input = {
  '~standard': {
    version: 1,
    vendor: 'integ-tests',
    validate(value: unknown): Result {
      const to = (value as Partial<Input> | null)?.to;
      return typeof to === 'number' ? { value: { to } } : { issues: [{ message: 'a number is needed', path: ['to'] }] };
    },
  },
} as const;
