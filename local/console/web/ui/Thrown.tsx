import type { Failure } from '../../types';

/** Error that a handler threw, with its position. Clients receive only the error's code. */
export function Thrown({ failure: { title, place } }: { readonly failure: Failure }) {
  return (
    <p className="failure">
      {title}
      {place !== undefined && <span className="hint">at {place}</span>}
    </p>
  );
}
