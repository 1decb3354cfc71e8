/** Fields of an ack with entries of the log of a request or a topic. */
interface LogAck {
  readonly epoch: string;
  readonly offset: number;
  readonly recovered?: boolean;
  readonly entries?: readonly { readonly offset: number }[];
}

export const firstOffset = ({ entries, offset }: LogAck): number => entries?.[0]?.offset ?? offset;

/**
 * Whether the log of an ack is not the one that `offset` was counted in. In one epoch an offset always means the same entry: there only a
 * log that is cut off in front, or that ends before the offset that was asked for, is another. An `offset` above the end that has grown
 * since is that of an answer that was overtaken.
 */
export function startsOver(
  { epoch, asked }: { readonly epoch: string | undefined; readonly asked: number | undefined },
  offset: number,
  ack: LogAck,
): boolean {
  if (epoch !== undefined && ack.epoch !== epoch) return true;
  return ack.recovered === false && (offset < firstOffset(ack) || (offset > ack.offset && offset === asked));
}
