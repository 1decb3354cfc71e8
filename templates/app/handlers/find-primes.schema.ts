import * as v from 'valibot';

/** Checked before the request is accepted, so it lies apart from the handler's own code. */
export const input = v.object({
  upTo: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(50_000_000)),
});
