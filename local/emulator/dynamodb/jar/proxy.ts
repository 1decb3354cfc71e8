import type { Clock } from '../../types';
import { ServiceError } from '../engine/errors';
import type { Call } from '../types';
import { parseBody, type WireResponse } from '../wire/service';
import type { RecordHints } from './hints';
import {
  askConsumption,
  fromLocalArns,
  isMetered,
  isWrite,
  type Place,
  shimRecords,
  takeConsumption,
  toLocalArns,
} from './shims';
import type { Upstream } from './upstream';

export interface ProxyOptions extends Place {
  readonly upstream: Upstream;
  readonly hints: RecordHints;
  readonly clock: Clock;
  readonly onCall: (call: Call) => void;
}

/** Passes requests to DynamoDB Local, and corrects its responses so that they are like those of AWS. */
export class JarProxy {
  constructor(private readonly options: ProxyOptions) {}

  public async answer(target: string, body: string): Promise<WireResponse> {
    const operation = target.split('.')[1] ?? '';
    parseBody(body);
    const consumption = isMetered(operation) ? askConsumption(body) : { body, added: false };
    const response = await this.options.upstream.post(target, toLocalArns(operation, consumption.body, this.options));
    if (response.status !== 200) return { ...response, body: fromLocalArns(operation, response.body, this.options) };
    if (isWrite(operation)) this.options.hints.notify();
    return { status: 200, body: this.shim(operation, response.body, consumption.added) };
  }

  /**
   * Sends an operation for a client in this process.
   *
   * @throws ServiceError if DynamoDB Local answers with an error
   */
  public readonly execute = async (target: string, input: Record<string, unknown>): Promise<object> => {
    const { status, body } = await this.answer(target, JSON.stringify(input));
    const output = JSON.parse(body);
    if (status === 200) return output;
    throw new ServiceError(output.__type, output.message ?? output.Message, output, status);
  };

  private shim(operation: string, body: string, stripConsumption: boolean): string {
    if (operation === 'GetRecords') return shimRecords(body, this.options, this.options.clock.now());
    if (!isMetered(operation)) return fromLocalArns(operation, body, this.options);
    const taken = takeConsumption(operation, body, stripConsumption);
    for (const call of taken.calls) this.options.onCall(call);
    return taken.body;
  }
}
