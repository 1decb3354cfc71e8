/** A WebSocket API and one of its stages, from the template. */
export interface WebSocketApiSpec {
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** Expression that selects the route, such as `$request.body.action`. */
  readonly routeSelectionExpression: string;
  /** Routes by route key: `$connect`, `$disconnect`, `$default` and custom routes. */
  readonly routes: ReadonlyMap<string, RouteSpec>;
  /** Default throttle of the stage. Each route has a separate bucket. @default - no throttle */
  readonly throttle?: ThrottleSpec;
  /** Called with one line for each connect, message and disconnect. */
  readonly accessLog?: (line: string) => void;
  /** Access log format of the stage, with `$context` variables. @default - there is no access log */
  readonly accessLogFormat?: string;
  readonly limits?: Partial<GatewayLimits>;
}

export interface ThrottleSpec {
  /** Maximum number of requests per second over a longer time. */
  readonly rateLimit: number;
  /** Maximum number of requests in a burst. */
  readonly burstLimit: number;
}

interface RouteBase {
  /** Authorizer of the route; only `$connect` may have one. */
  readonly authorizer?: AuthorizerSpec;
  /** Whether the route has a route response, which sends the integration's result to the client. */
  readonly returnResponse: boolean;
  /** Time limit of the integration in milliseconds, at most 29 s. */
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
  /**
   * Identity sources, such as `route.request.header.Authorization`. A connection must have all of them. The array may
   * be empty.
   */
  readonly identitySource: readonly string[];
}

/** An open connection, for observers. Times are in milliseconds since the epoch. */
export interface ConnectionInfo {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  /** Context of the authorizer; undefined if the API has no authorizer. */
  readonly authorizer: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Observes connections. Its methods are called while messages are handled, so they must be fast and must not throw. */
export interface GatewayObserver {
  /** Called with each frame. The direction `in` means from the client. */
  onFrame(connection: ConnectionInfo, direction: 'in' | 'out', text: string): void;
  onClosed(connection: ConnectionInfo, code: number): void;
}

/** Decides about faults of connections, for tests. */
export interface GatewayFaults {
  /** Returns whether a handshake is refused with 503. */
  refuses(): boolean;
  /** Called when a connection has opened. */
  onOpen(connection: FaultyConnection): void;
  /** Returns the fault of a post: it is answered with 429, or it succeeds although its frame is discarded. */
  onPost(): 'throttle' | 'lose' | undefined;
  /** Returns whether the end of a connection is not reported with `$disconnect`. */
  losesDisconnect(): boolean;
}

/** A connection on which a fault can act. Times are in milliseconds. */
export interface FaultyConnection {
  /** Ends the connection without a closing handshake. */
  drop(): void;
  /** Discards all frames in both directions from now on, although the connection stays open. */
  mute(): void;
  /** Lets posts answer 410 for a time. */
  hide(ms: number): void;
  /** Lets posts answer 429 for a time, as if the client did not read. */
  fill(ms: number): void;
}

export interface GatewayLimits {
  /** Maximum size of a frame in bytes: 32 KB. */
  readonly frameBytes: number;
  /** Maximum size of a message in bytes, in both directions: 128 KB. */
  readonly messageBytes: number;
  /** Time in milliseconds without a message from the client after which the connection is closed: 10 min. */
  readonly idleMs: number;
  /** Maximum duration of a connection in milliseconds: 2 h. */
  readonly maxDurationMs: number;
  /**
   * Number of unsent bytes above which a post is refused with 429. AWS does not publish it; this value is an
   * assumption.
   */
  readonly bufferBytes: number;
  /**
   * Maximum number of unsent bytes of a connection. Above it the connection is closed, because answers to the client's
   * messages cannot be refused. The buffer never exceeds this size plus one message. AWS does not publish it; this
   * value is an assumption.
   */
  readonly dropBytes: number;
  /** Time limit of an authorizer in milliseconds: 29 s. */
  readonly authorizerMs: number;
}

/**
 * Limits of API Gateway. Source: "Quotas for configuring and running a WebSocket API", unless a limit specifies another
 * source.
 */
export const DEFAULT_LIMITS: GatewayLimits = {
  frameBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  idleMs: 10 * 60_000,
  maxDurationMs: 2 * 3_600_000,
  bufferBytes: 1024 * 1024,
  dropBytes: 4 * 1024 * 1024,
  authorizerMs: 29_000,
};
