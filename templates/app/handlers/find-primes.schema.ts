import * as v from 'valibot';

/**
 * The schema is checked before the request is accepted. It is a separate module, so that the router does not load the
 * handler's code.
 */
export const input = v.object({
  upTo: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(50_000_000)),
});
