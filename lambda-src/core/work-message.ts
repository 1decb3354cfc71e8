/** What a queue carries: enough to claim the request, which holds everything else. */
export interface WorkMessage {
  readonly requestKey: string;
}

/** The message that the text holds, or nothing if it is not one. */
export function asWorkMessage(text: string): WorkMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const key = (value as WorkMessage | null)?.requestKey;
    return typeof key === 'string' ? { requestKey: key } : undefined;
  } catch {
    return undefined;
  }
}
