/** Entry of `cdk-streamer/testing`, which runs one handler or a whole application in a test. */

export type { StreamerClientOptions } from '../client-sdks/typescript/src/client-options';
export type { ActionsOf } from '../client-sdks/typescript/src/types';
export type { FaultProfile, FaultRule } from '../local/emulator/chaos';
export { createLocalStreamer } from './create-local-streamer';
export type {
  AbortLike,
  AnyHandler,
  HandlerEvent,
  HandlerInput,
  HandlerResult,
  HandlerRun,
  HandlerSnapshot,
  RecordedContinuation,
  RecordedError,
  RecordedEvent,
  RecordedLine,
  RecordedProgress,
  RunArguments,
  RunOptions,
  SentMessage,
} from './handler-types';
export { runHandler } from './run-handler';
export type {
  AwsClientConfig,
  ChaosProfileName,
  ChaosTestOptions,
  InjectedFaults,
  LocalStreamer,
  LocalStreamerOptions,
  LogLine,
  QueuedMessage,
  ScheduledRun,
  StoredEntry,
  StoredRequest,
  Synthesizable,
  TestClient,
  TestClientOptions,
  TestIdentity,
  WaitOptions,
} from './streamer-types';
