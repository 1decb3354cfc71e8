import * as v from 'valibot';

export const input = v.object({ text: v.string(), size: v.optional(v.number()) });
