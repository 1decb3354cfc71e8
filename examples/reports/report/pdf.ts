import { footer } from './layout';
import { type Doc, newDocument } from './pdfkit';
import { type Report, rangeLabel } from './report';
import type { Section } from './sections';
import { PAGE } from './theme';

export interface Pdf {
  bytes: Uint8Array;
  pages: number;
}

/** Draws page after page; `next()` draws one, so that the caller can do something in between. */
export class PdfWriter {
  private readonly doc: Doc;
  private readonly chunks: Uint8Array[] = [];
  private readonly ended: Promise<void>;
  private pages = 0;

  /** @param createdAt time for the document's properties: a retry that passes the same time writes the same bytes */
  constructor(
    private readonly report: Report,
    title: string,
    createdAt: Date,
  ) {
    const info = { Title: title, Creator: 'reports example', CreationDate: createdAt };
    // the bottom margin is 0, so that no text, including the footer, makes pdfkit start a new page by itself
    const margins = { left: PAGE.left, right: PAGE.right, top: PAGE.top, bottom: 0 };
    this.doc = newDocument({ size: 'A4', margins, autoFirstPage: false, bufferPages: true, info });
    this.doc.on('data', (chunk: Uint8Array) => this.chunks.push(chunk));
    this.ended = new Promise((resolve) => this.doc.on('end', () => resolve()));
  }

  /** Adds the section as one page, with an entry in the document's outline. */
  draw(section: Section): void {
    this.doc.addPage();
    this.pages++;
    section.draw(this.doc);
    this.doc.outline.addItem(section.title);
  }

  /** Numbers the pages and returns the file. */
  async finish(): Promise<Pdf> {
    for (let page = 0; page < this.pages; page++) {
      this.doc.switchToPage(page);
      footer(this.doc, `Flight delays, ${rangeLabel(this.report.question)}`, `Page ${page + 1} of ${this.pages}`);
    }
    this.doc.end();
    await this.ended;
    return { bytes: Buffer.concat(this.chunks), pages: this.pages };
  }
}
