/** Replaces the SDK's event streams. The SDK loads them for streaming operations, and Streamer uses none. */
export {};
