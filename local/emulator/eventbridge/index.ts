export { busNameOf, type EventBusOptions, EventBusService } from './event-bus-service';
export { compileEventPattern } from './event-pattern';
export { compilePath, JsonPathError } from './json-path';
export type { PutEventsEntry, PutEventsResult } from './put-events';
export { compileInput, type TargetInput } from './target-input';
export type { BusEvent, BusRule, BusTarget } from './types';
