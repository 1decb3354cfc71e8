import type { FaultPlan } from '../../emulator/chaos';
import {
  type AwsService,
  type Fault,
  parseJsonObject,
  RUN,
  type ServiceCall,
  type ServiceRequest,
  type ServiceResponse,
} from '../../emulator/http';
import type { DoomedEnvironments } from './environments';

type Place = 'read' | 'write' | 'send' | 'call';

const READS = /^dynamodb:(Get|BatchGet|Query|Scan|TransactGet)/;
const WRITES = /^dynamodb:(Put|Update|Delete|BatchWrite|TransactWrite)/;
const SENDS = /^sqs:SendMessage/;

/** Decides about faults of the calls that functions make. Calls of other programs have no faults. */
export class CallFaults {
  private readonly partials = new WeakSet<ServiceRequest>();

  public constructor(
    private readonly plan: FaultPlan,
    private readonly environments: DoomedEnvironments,
    private readonly isDown: (service: string) => boolean,
  ) {}

  public faultOf({ service, action, caller, request }: ServiceCall): Fault | undefined {
    if (caller.name === RUN) return undefined;
    const ended = this.environments.called(caller);
    if (ended) return { outcome: ended === 'before' ? 'drop' : 'drop-response' };
    if (this.isDown(service)) return { outcome: 'error', status: 503 };
    // the gateway decides about posts
    const fault = service === 'execute-api' ? undefined : this.plan.next(placeOf(action));
    if (!fault) return undefined;
    if (fault.fault === 'partial') {
      this.partials.add(request);
      return undefined;
    }
    this.plan.took(fault);
    if (fault.fault === 'slow') return { delayMs: fault.ms };
    return { outcome: fault.fault === 'unanswered' ? 'drop-response' : fault.fault };
  }

  /** Returns a service that accepts only every second message of a batch if a fault has been chosen for the batch. */
  public partial(service: AwsService): AwsService {
    const handle = async (request: ServiceRequest): Promise<ServiceResponse> => {
      const batch = this.partials.has(request) ? splitBatch(request.body) : undefined;
      if (!batch) return service.handle(request);
      this.plan.took({ at: 'send', fault: 'partial' });
      const response = await service.handle({ ...request, body: Buffer.from(batch.accepted) });
      return { ...response, body: withFailed(String(response.body), batch.refused) };
    };
    return { ...withMethods(service), handle };
  }
}

/** A service may be an object of a class, whose methods a spread would not copy. */
const withMethods = (service: AwsService): AwsService => ({
  ...service,
  actionOf: (request) => service.actionOf(request),
  refuse: (refusal, request) => service.refuse(refusal, request),
  handle: (request) => service.handle(request),
});

function placeOf(action: string): Place {
  if (READS.test(action)) return 'read';
  if (WRITES.test(action)) return 'write';
  return SENDS.test(action) ? 'send' : 'call';
}

interface SplitBatch {
  /** Body of the request with the accepted entries. */
  readonly accepted: string;
  /** Ids of the refused entries. */
  readonly refused: readonly string[];
}

/** Splits a batch of messages. @returns undefined for any other request, and for a batch of one message */
function splitBatch(body: Buffer): SplitBatch | undefined {
  const fields = parseJsonObject(body.toString('utf8'));
  const entries = fields?.Entries as readonly { readonly Id: string }[] | undefined;
  if (!Array.isArray(entries) || entries.length < 2) return undefined;
  const isRefused = (_: unknown, index: number) => index % 2 === 0;
  const accepted = entries.filter((_, index) => !isRefused(_, index));
  return {
    accepted: JSON.stringify({ ...fields, Entries: accepted }),
    refused: entries.filter(isRefused).map(({ Id }) => Id),
  };
}

function withFailed(body: string, refused: readonly string[]): string {
  const fields = parseJsonObject(body);
  if (!fields || !Array.isArray(fields.Failed)) return body;
  const failed = refused.map((Id) => ({
    Id,
    SenderFault: false,
    Code: 'InternalError',
    Message: 'a fault refused it',
  }));
  return JSON.stringify({ ...fields, Failed: [...fields.Failed, ...failed] });
}
