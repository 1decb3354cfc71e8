/** A Standard Schema without a library. A schema of any library that implements the standard works, too. */
interface Input {
  readonly to: number;
}

export const input = {
  '~standard': {
    version: 1 as const,
    vendor: 'example',
    validate(value: unknown): { value: Input } | { issues: { message: string; path: string[] }[] } {
      const to = (value as { to?: unknown } | null)?.to;
      if (typeof to === 'number' && to >= 1 && to <= 100) return { value: { to } };
      return { issues: [{ message: 'must be a number from 1 to 100', path: ['to'] }] };
    },
  },
};
