import type { Failure } from '../../types';

/** What a handler threw, and where: clients get its code only. */
export function Thrown({ failure: { title, place } }: { readonly failure: Failure }) {
  return (
    <p className="failure">
      {title}
      {place !== undefined && <span className="hint">at {place}</span>}
    </p>
  );
}
