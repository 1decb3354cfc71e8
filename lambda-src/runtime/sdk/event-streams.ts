/** Replaces the SDK's event streams, which it loads for streaming operations; no operation used here is one. */
export {};
