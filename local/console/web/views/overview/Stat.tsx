interface StatProps {
  readonly label: string;
  readonly value: number;
  readonly note: string;
  readonly href: string;
  /** Color of the number if it is not zero. */
  readonly tone?: 'busy' | 'good' | 'bad';
}

/** A number with a link to the items that it counts. */
export function Stat({ label, value, note, href, tone }: StatProps) {
  return (
    <a className="stat" href={href} data-tone={value > 0 ? tone : undefined}>
      <span className="stat-label">{label}</span>
      <span className="stat-value">{value.toLocaleString('en')}</span>
      <span className="stat-note">{note}</span>
    </a>
  );
}
