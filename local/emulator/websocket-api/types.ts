/** A WebSocket API and its stage, as the template describes them. */
export interface WebSocketApiSpec {
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** For instance `$request.body.action`. */
  readonly routeSelectionExpression: string;
  /** Routes by their keys: `$connect`, `$disconnect`, `$default` and the API's own. */
  readonly routes: ReadonlyMap<string, RouteSpec>;
  /** The stage's default route throttle. Each route has a separate bucket. Default: none. */
  readonly throttle?: ThrottleSpec;
  /** Gets one line per connect, message and disconnect. */
  readonly accessLog?: (line: string) => void;
  /** The stage's access log format, with `$context` variables. Without it nothing is logged. */
  readonly accessLogFormat?: string;
  readonly limits?: Partial<GatewayLimits>;
}

export interface ThrottleSpec {
  /** Requests per second. */
  readonly rateLimit: number;
  /** Requests at once. */
  readonly burstLimit: number;
}

interface RouteBase {
  /** Authorizer of the route; only `$connect` may have one. */
  readonly authorizer?: AuthorizerSpec;
  /** Whether the route has a route response, which sends the integration's result to the client. */
  readonly returnResponse: boolean;
  /** Time limit of the integration, 29 s at most. */
  readonly timeoutMs: number;
}

export type RouteSpec = RouteBase & ({ readonly functionName: string } | { readonly mock: MockResponse });

/** Response of a MOCK integration. */
export interface MockResponse {
  readonly statusCode: number;
  readonly body?: string;
}

export interface AuthorizerSpec {
  readonly functionName: string;
  /** For instance `route.request.header.Authorization`. All must be present; may be empty. */
  readonly identitySource: readonly string[];
}

/** An open connection, for observers. Times are epoch milliseconds. */
export interface ConnectionInfo {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  /** Context of the authorizer; absent without one. */
  readonly authorizer: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Watches connections. Called while messages are handled: it must be quick and must not throw. */
export interface GatewayObserver {
  /** `in` comes from the client. */
  onFrame(connection: ConnectionInfo, direction: 'in' | 'out', text: string): void;
  onClosed(connection: ConnectionInfo, code: number): void;
}

export interface GatewayLimits {
  /** Largest frame: 32 KB. */
  readonly frameBytes: number;
  /** Largest message, either way: 128 KB. */
  readonly messageBytes: number;
  /** A connection without a message from its client closes: 10 min. */
  readonly idleMs: number;
  /** A connection closes: 2 h. */
  readonly maxDurationMs: number;
  /** Number of unsent bytes above which a post is refused with 429. AWS publishes no figure; this one is assumed. */
  readonly bufferBytes: number;
  /**
   * Maximum number of unsent bytes of a connection. A connection above it is closed, because answers to its messages cannot be refused; the buffer never
   * exceeds this size plus one message. AWS publishes no figure.
   */
  readonly dropBytes: number;
  /** Time limit of an authorizer: 29 s. */
  readonly authorizerMs: number;
}

/** Source: "Quotas for configuring and running a WebSocket API", unless a limit names another one. */
export const DEFAULT_LIMITS: GatewayLimits = {
  frameBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  idleMs: 10 * 60_000,
  maxDurationMs: 2 * 3_600_000,
  bufferBytes: 1024 * 1024,
  dropBytes: 4 * 1024 * 1024,
  authorizerMs: 29_000,
};
