import type { Counts } from './calls';
import { PRICES } from './prices';

/**
 * Returns the cost of a million requests in US dollars. It consists of messages, table units, queue calls and invocations.
 *
 * @param counts calls of one request, by the names in `CallCounter`
 */
export function usdPerMillion(counts: Counts): number {
  const all = (pattern: RegExp) =>
    Object.entries(counts)
      .filter(([name]) => pattern.test(name))
      .reduce((total, [, count]) => total + count, 0);
  return (
    all(/^messages_(in|out)$/) * PRICES.webSocketMillion +
    all(/_write_units$/) * PRICES.writeMillion +
    all(/_read_units$/) * PRICES.readMillion +
    all(/^sqs_/) * PRICES.sqsMillion +
    all(/^sqs_sends$/) * PRICES.sqsFairMillion +
    all(/_invocations$/) * PRICES.invocationMillion
  );
}
