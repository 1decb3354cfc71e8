import type { ReactNode } from 'react';

/** Says that there is nothing, and what to do to have something. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <div className="empty-advice">{children}</div>}
    </div>
  );
}
