import { prettyJson } from '../logic/format';
import { CopyButton } from './CopyButton';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
/** Maximum length of JSON that is shown with colors. */
const MAX_COLOURED = 100_000;

/** Shows JSON in several lines with colors and a copy button. */
export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = typeof value === 'string' ? prettyJson(value) : JSON.stringify(value, undefined, 2);
  return (
    <div className="json">
      <CopyButton text={text} label={`Copy ${label}`} />
      <section aria-label={label}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard */}
        <pre tabIndex={0}>
          <code>{text.length > MAX_COLOURED ? text : coloured(text)}</code>
        </pre>
      </section>
    </div>
  );
}

function coloured(text: string) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, word] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    const kind =
      string === undefined ? (word === undefined ? 'number' : 'word') : colon === undefined ? 'string' : 'key';
    parts.push(
      <span key={match.index} className={`j-${kind}`}>
        {string ?? whole}
      </span>,
    );
    if (colon !== undefined) parts.push(colon);
  }
  parts.push(text.slice(end));
  return parts;
}
