export {
  type AuthorizerSpec,
  type ConnectionInfo,
  DEFAULT_LIMITS,
  type FaultyConnection,
  type GatewayFaults,
  type GatewayLimits,
  type GatewayObserver,
  type MockResponse,
  type RouteSpec,
  type ThrottleSpec,
  type WebSocketApiSpec,
} from './types';
export { type GatewayOptions, WebSocketGateway } from './web-socket-gateway';
