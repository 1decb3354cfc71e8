import type { Counts } from './calls';
import { PRICES } from './prices';

/**
 * What a million requests cost in US dollars: messages, tables' units, queue calls and invocations.
 *
 * @param counts what one request does, by the names that `CallCounter` gives
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
