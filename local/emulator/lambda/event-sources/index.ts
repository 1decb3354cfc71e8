export {
  compileCondition,
  compilePattern,
  compilePatternWith,
  FilterPatternError,
  isObject,
  type Matcher,
  OPERATORS,
  type Operators,
  onText,
} from './filter-pattern';
export { QueueMapping, type QueueMappingOptions } from './queue-mapping';
export type {
  FailureCondition,
  QueueMappingSpec,
  StreamFailure,
  StreamFailureMessage,
  StreamMappingSpec,
} from './specs';
export { type KeptPositions, StreamMapping, type StreamMappingOptions } from './stream-mapping';
export { StreamPositions } from './stream-positions';
