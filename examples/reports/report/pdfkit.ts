/**
 * pdfkit for a bundle.
 *
 * In Node.js, `import 'pdfkit'` loads each standard font from its own folder at run time. A bundle with a single file
 * does not have this folder. The package's browser build contains the metrics of all standard fonts and reads no file.
 * The package's export map hides that build from Node.js, so the import uses a path.
 */
// @ts-expect-error the path has no types, but the types of `pdfkit` are correct for it
import { PDFDocument } from '../../../node_modules/pdfkit/js/pdfkit.browser.js';

type Constructor = typeof import('pdfkit');
type Options = ConstructorParameters<Constructor>[0];

export type Doc = InstanceType<Constructor>;

/** Creates a document. It emits its bytes as `data` events, and then the event `end`. */
export function newDocument(options: Options): Doc {
  return new PDFDocument(options) as Doc;
}
