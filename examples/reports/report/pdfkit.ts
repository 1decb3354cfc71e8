/**
 * pdfkit for a bundle.
 *
 * In Node, `import 'pdfkit'` loads each standard font from its own folder at run time, which a single-file bundle does not have.
 * The package's browser build carries the metrics of all standard fonts inside and reads no file. The package's export map
 * does not offer that build to Node, hence the path.
 */
// @ts-expect-error the path has no types of its own; those of `pdfkit` describe it
import { PDFDocument } from '../../../node_modules/pdfkit/js/pdfkit.browser.js';

type Constructor = typeof import('pdfkit');
type Options = ConstructorParameters<Constructor>[0];

export type Doc = InstanceType<Constructor>;

/** A new document; its bytes come as `data` events, then `end`. */
export function newDocument(options: Options): Doc {
  return new PDFDocument(options) as Doc;
}
