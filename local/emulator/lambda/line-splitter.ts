import { StringDecoder } from 'node:string_decoder';

/** Maximum number of characters of a line that are kept. */
export const MAX_OUTPUT_LINE = 256 * 1024;
const NOTE = ` … [cut: lines of more than ${MAX_OUTPUT_LINE} characters are not kept whole]`;

/** Splits output into lines with limited memory. If a line is too long, it keeps the beginning and adds a note. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private parts: string[] = [];
  private length = 0;
  private cut = false;

  public constructor(private readonly onLine: (line: string) => void) {}

  public write(chunk: Buffer): void {
    this.add(this.decoder.write(chunk));
  }

  /** Emits the last line even if it has no line feed. */
  public end(): void {
    this.add(this.decoder.end());
    if (this.length > 0) this.emit();
  }

  private add(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.keep(text.slice(from, at));
      this.emit();
      from = at + 1;
    }
    this.keep(text.slice(from));
  }

  private keep(text: string): void {
    const room = MAX_OUTPUT_LINE - this.length;
    if (text.length > room) this.cut = true;
    const kept = text.slice(0, room);
    if (kept === '') return;
    this.parts.push(kept);
    this.length += kept.length;
  }

  private emit(): void {
    const line = this.parts.join('');
    const whole = this.cut ? line + NOTE : line.replace(/\r$/, '');
    this.parts = [];
    this.length = 0;
    this.cut = false;
    this.onLine(whole);
  }
}
