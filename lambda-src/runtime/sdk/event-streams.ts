/** Stands in for the SDK's event streams, which it loads for operations that stream: no operation used here does. */
export {};
