/** `cdk-streamer-client/ai`: a transport for `useChat` of the AI SDK, versions 5 to 7. */

export {
  type ChatRequest,
  resumeOnRestart,
  StreamerChatTransport,
  type StreamerChatTransportOptions,
} from './chat-transport';
export { ChatRestartError, type ChunkBatch, type UIChunk } from './chunks';
