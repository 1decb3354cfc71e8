import type { ActionsOf } from 'cdk-streamer-client';

/** The types for a client: `new StreamerClient<Actions>(url, { token: visitorToken() })`. */
export type Actions = ActionsOf<{
  greet: typeof import('./handlers/greet');
  find_primes: typeof import('./handlers/find-primes');
}>;
