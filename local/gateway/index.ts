export {
  type AuthorizerSpec,
  DEFAULT_LIMITS,
  type GatewayLimits,
  type MockResponse,
  type RouteSpec,
  type ThrottleSpec,
  type WebSocketApiSpec,
} from './types';
export { type GatewayOptions, WebSocketGateway } from './web-socket-gateway';
