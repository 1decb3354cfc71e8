/**
 * Move of a request or a subscription from the previous connection to the current one. `waits`: its first message was sent over the previous connection, and is
 * unanswered. `attaches`: the server has not confirmed yet that the current connection receives its frames. Undefined: it is not moving.
 */
export type Move = 'waits' | 'attaches' | undefined;

/** Inputs of a state machine while the client moves to another connection. */
export type MoveInput =
  /** The connection was replaced. `renews`: the previous one refuses messages, so that no answer can come over it. */
  | { readonly type: 'move'; readonly renews: boolean }
  /** No answer can come over the previous connection any more. */
  | { readonly type: 'overdue' };

/** State of the move after a frame that was not refused. @param isKnown whether the server has confirmed the request or the subscription, on any connection */
export function moveAfter(move: Move, isKnown: boolean, isAnswer: boolean, isPrevious: boolean): Move {
  if (isPrevious) return move === 'waits' && isKnown ? 'attaches' : move;
  return isKnown && (move === 'waits' || isAnswer) ? undefined : move;
}
