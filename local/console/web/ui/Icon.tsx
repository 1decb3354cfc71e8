const PATHS = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 4v4h6V4z',
  requests: 'M4 6h16M4 12h10M4 18h13',
  connections: 'M9 7 7 9a4 4 0 0 0 0 6M15 17l2-2a4 4 0 0 0 0-6M9 12h6',
  queues: 'M4 7h16v4H4zM4 14h16v4H4zM8 9h.01M8 16h.01',
  tables: 'M4 5h16v14H4zM4 10h16M10 10v9',
  logs: 'M5 4h14v16H5zM8 9h8M8 13h8M8 17h5',
  send: 'M21 3 10 14M21 3l-7 18-4-7-7-4z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12 5 5L19 7',
  close: 'm6 6 12 12M18 6 6 18',
  cut: 'M9 7 7 9a4 4 0 0 0 0 6M15 17l2-2a4 4 0 0 0 0-6M5 4l14 16',
  repeat: 'M4 11a7 7 0 0 1 12-4l3 3M19 5v5h-5M20 13a7 7 0 0 1-12 4l-3-3M5 19v-5h5',
  play: 'M7 4v16l13-8z',
  theme: 'M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z',
  keyboard: 'M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8',
  in: 'M12 4v14M6 12l6 6 6-6',
  out: 'M12 20V6M6 12l6-6 6 6',
} as const;

export type IconName = keyof typeof PATHS;

/** An icon next to a label. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
