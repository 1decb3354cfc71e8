import { footer } from './layout';
import { type Doc, newDocument } from './pdfkit';
import { type Report, rangeLabel } from './report';
import type { Section } from './sections';
import { PAGE } from './theme';

export interface Pdf {
  bytes: Uint8Array;
  pages: number;
}

/** Draws one page after the other. `next()` draws one page, so that the caller can do other work between pages. */
export class PdfWriter {
  private readonly doc: Doc;
  private readonly chunks: Uint8Array[] = [];
  private readonly ended: Promise<void>;
  private pages = 0;

  /**
   * @param createdAt time for the document's properties. A retry must pass the same time, so that it writes the same
   * bytes.
   */
  constructor(
    private readonly report: Report,
    title: string,
    createdAt: Date,
  ) {
    const info = { Title: title, Creator: 'reports example', CreationDate: createdAt };
    // the bottom margin is 0, so that pdfkit never starts a new page, not even for the footer
    const margins = { left: PAGE.left, right: PAGE.right, top: PAGE.top, bottom: 0 };
    this.doc = newDocument({ size: 'A4', margins, autoFirstPage: false, bufferPages: true, info });
    this.doc.on('data', (chunk: Uint8Array) => this.chunks.push(chunk));
    this.ended = new Promise((resolve) => this.doc.on('end', () => resolve()));
  }

  /** Adds the section as one page and adds the page to the document's outline. */
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
