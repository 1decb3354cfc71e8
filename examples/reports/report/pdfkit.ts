/**
 * pdfkit for a bundle.
 *
 * In Node.js, `import 'pdfkit'` loads each standard font from its own folder at run time, which a single-file bundle does not have. The
 * package's browser build contains the metrics of all standard fonts and reads no file. The package's export map does not offer that build
 * to Node.js, so the import uses a path.
 */
// @ts-expect-error the path has no types of its own; those of `pdfkit` describe it
import { PDFDocument } from '../../../node_modules/pdfkit/js/pdfkit.browser.js';

type Constructor = typeof import('pdfkit');
type Options = ConstructorParameters<Constructor>[0];

export type Doc = InstanceType<Constructor>;

/** Creates a document; its bytes come as `data` events, followed by `end`. */
export function newDocument(options: Options): Doc {
  return new PDFDocument(options) as Doc;
}
