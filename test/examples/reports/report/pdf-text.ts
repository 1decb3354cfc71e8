import { inflateSync } from 'node:zlib';

/**
 * Reads the text of a PDF of pdfkit. It supports only the part of the format that the tests need, so that they depend on no second PDF library:
 * pages, Flate streams and text shown by TJ with hex strings in a standard font.
 */
export function readPdf(bytes: Uint8Array): { pages: number; text: string } {
  const raw = Buffer.from(bytes).toString('latin1');
  const texts = [...raw.matchAll(/\/Filter \/FlateDecode\s*>>\s*stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(
    ([, stream]) => textOf(inflateSync(Buffer.from(stream, 'latin1')).toString('latin1')),
  );
  return { pages: [...raw.matchAll(/\/Type \/Page\b/g)].length, text: texts.join('\n') };
}

function textOf(content: string): string {
  const lines = [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, parts]) =>
    [...parts.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex, 'hex').toString('latin1')).join(''),
  );
  return lines.join('\n');
}
