import { bytes, clockTime } from '../logic/format';
import { preview, titleOf } from '../logic/frame';
import { Icon } from './Icon';
import { Json } from './Json';

export interface ListedFrame {
  readonly seq: number;
  readonly at: number;
  /** Direction from the client's view: the client sends `out` frames. A note is not a frame. */
  readonly direction: 'in' | 'out' | 'note';
  readonly text: string;
  /** Size of the whole frame, if the text is only its beginning. */
  readonly bytes?: number;
}

/** Frames in order. A click on a frame shows its whole text. */
export function Frames({ frames, label }: { readonly frames: readonly ListedFrame[]; readonly label: string }) {
  return (
    <ol className="frames" aria-label={label}>
      {frames.map((frame) => (
        <li key={frame.seq} data-direction={frame.direction}>
          {frame.direction === 'note' ? <Note frame={frame} /> : <Frame frame={frame} />}
        </li>
      ))}
    </ol>
  );
}

function Note({ frame: { at, text } }: { readonly frame: ListedFrame }) {
  return (
    <p className="frame-note">
      <time>{clockTime(at)}</time> {text}
    </p>
  );
}

function Frame({ frame }: { readonly frame: ListedFrame }) {
  const sent = frame.direction === 'out';
  const size = frame.bytes ?? frame.text.length;
  return (
    <details>
      <summary>
        <Icon name={sent ? 'out' : 'in'} />
        <span className="unseen">{sent ? 'sent by the client' : 'sent to the client'}</span>
        <time>{clockTime(frame.at)}</time>
        <span className="frame-type">{titleOf(frame.text)}</span>
        <code className="frame-text">{preview(frame.text)}</code>
        <span className="frame-size">{bytes(size)}</span>
      </summary>
      <Json value={frame.text} label="frame" />
      {size > frame.text.length && <p className="hint">Only the first {bytes(frame.text.length)} are kept.</p>}
    </details>
  );
}
