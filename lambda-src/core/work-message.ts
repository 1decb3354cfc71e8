/** What a queue carries: enough to claim the request, which holds everything else. */
export interface WorkMessage {
  readonly requestKey: string;
  /** The request's `notBefore`, until which the queue has delayed the message. */
  readonly notBefore?: number;
}

/** The message that the text holds, or nothing if it is not one. */
export function asWorkMessage(text: string): WorkMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const { requestKey, notBefore } = (value ?? {}) as Partial<WorkMessage>;
    if (typeof requestKey !== 'string') return undefined;
    return { requestKey, ...(typeof notBefore === 'number' && { notBefore }) };
  } catch {
    return undefined;
  }
}
