import { type Endpoint, exchange, hostOf } from './exchange';
import { credentialsOf, type Environment, Signer } from './sign';

/** A service with the JSON protocol of AWS, version 1.0. */
export interface JsonService {
  /** Name of the service in signatures. */
  readonly name: string;
  /** Prefix of the header `x-amz-target`. */
  readonly target: string;
  /** Classes of the SDK's commands that are sent directly, with their operations. Inputs and outputs must not contain dates or bytes. */
  readonly operations: ReadonlyMap<unknown, string>;
  /** Returns the SDK's error for an answer that is final although it is an error; undefined for any other answer. */
  readonly errorOf?: (type: string, body: Readonly<Record<string, unknown>>) => Error | undefined;
}

/** The parts of the SDK's clients and commands that are used. */
interface Command {
  readonly input: object;
}
interface SdkClient {
  send(command: never): Promise<unknown>;
  readonly middlewareStack: { add(middleware: never, options: { step: 'finalizeRequest'; priority: 'low' }): void };
}
type Next = (args: { readonly request: unknown }) => Promise<unknown>;

/** Time after which a call without an answer is left to the SDK. */
const TIMEOUT_MS = 3_000;

/**
 * Sends the commands of an SDK's client without the SDK. A call by the SDK needs about five times as much CPU time as the same HTTP request, most of it
 * for the layers that resolve the endpoint, serialize, sign and retry.
 *
 * The SDK remains responsible for everything unusual: it sends the first call to each queue or service, which shows where the SDK sends it. It also
 * repeats a call that got no answer, a temporary error or an unknown one, with its own rules. Without credentials in the environment, it sends all calls.
 *
 * @returns the client, whose `send` is replaced
 */
export function direct<Client extends object>(
  client: Client,
  service: JsonService,
  env: Environment = process.env,
): Client {
  const sdk = client as unknown as SdkClient;
  const credentials = credentialsOf(env);
  if (!credentials.accessKeyId || !env.AWS_REGION) return client;
  const calls = new DirectCalls(sdk, service, new Signer(credentials, env.AWS_REGION, service.name), env);
  return Object.create(client, { send: { value: (command: Command) => calls.send(command) } }) as Client;
}

class DirectCalls {
  /** Endpoints by the URL of the queue; the key is empty for services without queues. */
  private readonly endpoints = new Map<string, Endpoint>();

  public constructor(
    private readonly sdk: SdkClient,
    private readonly service: JsonService,
    private readonly signer: Signer,
    private readonly env: Environment,
  ) {
    const observe = (next: Next) => (args: { readonly request: unknown; readonly input: object }) => {
      const { protocol, hostname, port, path } = args.request as Endpoint;
      this.endpoints.set(placeOf(args.input), { protocol, hostname, port, path });
      return next(args);
    };
    sdk.middlewareStack.add(observe as never, { step: 'finalizeRequest', priority: 'low' });
  }

  public async send(command: Command): Promise<unknown> {
    const operation = this.service.operations.get(command.constructor);
    const endpoint = this.endpoints.get(placeOf(command.input));
    if (operation === undefined || endpoint === undefined) return this.sdk.send(command as never);
    const answer = await this.exchange(endpoint, operation, JSON.stringify(command.input)).catch(() => undefined);
    if (answer?.status === 200) return JSON.parse(answer.body || '{}');
    const error = answer && this.finalError(answer.body);
    if (error) throw error;
    const mayHaveTakenEffect = answer === undefined || answer.status >= 500;
    return mayHaveTakenEffect ? this.repeat(command) : this.sdk.send(command as never);
  }

  /** Repeats a call that may have taken effect. The number of attempts in the SDK's error then includes the first one. */
  private async repeat(command: Command): Promise<unknown> {
    try {
      return await this.sdk.send(command as never);
    } catch (error) {
      const metadata = (error as { readonly $metadata?: { attempts?: number } }).$metadata;
      if (metadata?.attempts !== undefined) metadata.attempts += 1;
      throw error;
    }
  }

  private exchange(endpoint: Endpoint, operation: string, body: string) {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${this.service.target}.${operation}`,
    };
    const signed = this.signer.sign({ method: 'POST', host: hostOf(endpoint), path: endpoint.path, headers, body });
    // Lambda detects loops by this header.
    const { _X_AMZN_TRACE_ID: trace } = this.env;
    return exchange(endpoint, trace ? { ...signed, 'x-amzn-trace-id': trace } : signed, body, TIMEOUT_MS);
  }

  private finalError(text: string): Error | undefined {
    try {
      const body = JSON.parse(text) as Record<string, unknown>;
      const type = String(body.__type ?? '');
      return this.service.errorOf?.(type.slice(type.indexOf('#') + 1), body);
    } catch {
      return undefined;
    }
  }
}

const placeOf = (input: object): string => String((input as { readonly QueueUrl?: string }).QueueUrl ?? '');
