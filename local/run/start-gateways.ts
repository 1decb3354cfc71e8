import type { EntryPoint } from '../emulator/http';
import { INSPECTED_MS } from '../emulator/lambda';
import { type WebSocketApiSpec, WebSocketGateway } from '../emulator/websocket-api';
import type { RunContext } from './context';
import { webSocketApis } from './from-template/apis';
import type { Endpoints } from './http/endpoints';
import { gatewayLog, shortId } from './log/run-log';
import { tellingMessages } from './log/telling-invoker';
import type { RunningFunctions } from './start-functions';

export interface RunningGateway {
  readonly gateway: WebSocketGateway;
  readonly spec: WebSocketApiSpec;
  /** Name of the stage: `<api id>/<stage>`. */
  readonly name: string;
  /** Address of the stage: `ws://…`. */
  readonly url: string;
}

/**
 * Starts a gateway for each stage of each WebSocket API. Each gateway is mounted at its own path of the run's server.
 */
export function startGateways(
  context: RunContext,
  entryPoint: EntryPoint,
  endpoints: Endpoints,
  functions: RunningFunctions,
): RunningGateway[] {
  const { specs, warnings } = webSocketApis(context.assembly, functions.runs);
  context.warn(warnings);
  const gateways = specs.map((given) => {
    const spec = withoutLimits(given, functions);
    const gateway = createGateway(context, spec, functions);
    mount(entryPoint, endpoints.apiPath(spec.apiId), spec.stage, gateway);
    const url = endpoints.webSocketUrl(spec.apiId, spec.stage);
    context.step('gateway', `${spec.routes.size} routes at ${url}`);
    return { gateway, spec, name: gatewayName(spec), url };
  });
  context.closers.add('gateways', async () => {
    await Promise.all(gateways.map(({ gateway }) => gateway.close()));
  });
  return gateways;
}

/**
 * Removes the time limit of routes to the inspected function. At a breakpoint, such a route answers only after the
 * function continues.
 */
function withoutLimits(spec: WebSocketApiSpec, { functions }: RunningFunctions): WebSocketApiSpec {
  const inspected = new Set(
    functions.flatMap(({ spec: { functionName, inspectPort } }) => (inspectPort === undefined ? [] : [functionName])),
  );
  const routes = [...spec.routes].map(
    ([key, route]) =>
      [
        key,
        'functionName' in route && inspected.has(route.functionName) ? { ...route, timeoutMs: INSPECTED_MS } : route,
      ] as const,
  );
  return { ...spec, routes: new Map(routes) };
}

const gatewayName = ({ apiId, stage }: WebSocketApiSpec): string => `${apiId}/${stage}`;

function createGateway(context: RunContext, spec: WebSocketApiSpec, { host }: RunningFunctions): WebSocketGateway {
  const { clock, options, log, recorder, chaos } = context;
  const verbose = options.verbose ?? false;
  const tell = (connectionId: string, description: string) =>
    log({ source: 'gateway', level: 'info', message: `${shortId(connectionId)} sent ${description}` });
  const accessLog = (line: string) => log({ source: 'access log', level: 'info', message: line });
  return new WebSocketGateway(
    { ...spec, limits: options.limits?.gateway, ...(verbose ? { accessLog } : {}) },
    tellingMessages(host, tell),
    {
      clock,
      log: gatewayLog(log, verbose),
      newId: options.newId,
      faults: chaos?.connections,
      observer: recorder?.frames.observer(gatewayName(spec)),
    },
  );
}

/** Mounts a gateway. Like API Gateway, it receives paths that begin with the stage. */
function mount(entryPoint: EntryPoint, apiPath: string, stage: string, gateway: WebSocketGateway): void {
  const path = `${apiPath}/${stage}`;
  entryPoint.mountUpgrade(path, (req, socket, head) => {
    req.url = `/${stage}${req.url === '/' ? '' : req.url?.replace(/^\/(?=\?)/, '')}`;
    gateway.handleUpgrade(req, socket, head);
  });
  entryPoint.mountService(`${path}/@connections`, gateway.management);
}
