/** Colors and sizes of the document. The page's style sheet has similar colors. */
export const COLOR = {
  ink: '#16202c',
  muted: '#5d6b7a',
  line: '#d8dfe6',
  soft: '#f3f6f9',
  brand: '#1463c7',
  brandSoft: '#a9c8ee',
  warm: '#d9591c',
  good: '#1a8a5a',
  white: '#ffffff',
} as const;

export const FONT = { text: 'Helvetica', bold: 'Helvetica-Bold' } as const;

/** Size and margins of the pages in points: A4, portrait. */
export const PAGE = { width: 595.28, height: 841.89, left: 48, right: 48, top: 48, bottom: 60 } as const;
export const CONTENT_WIDTH = PAGE.width - PAGE.left - PAGE.right;

export const number = (value: number) => (Math.round(value) + 0).toLocaleString('en-US');
/** Formats minutes with one decimal. The result is never `-0.0`. */
export const minutes = (value: number) => `${(Math.round(value * 10) / 10 + 0).toFixed(1)} min`;
export const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Returns a color for a value from -1 to 1: cool for -1, white for 0, warm for 1. */
export function diverging(at: number): string {
  const [r, g, b] = at < 0 ? [20, 99, 199] : [217, 89, 28];
  const weight = Math.min(1, Math.abs(at));
  const mix = (part: number) => Math.round(255 + (part - 255) * weight * 0.85);
  return `#${[r, g, b].map((part) => mix(part).toString(16).padStart(2, '0')).join('')}`;
}
