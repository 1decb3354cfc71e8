import type { Ref } from 'react';

const KEYS: readonly (readonly [string, string])[] = [
  ['1 – 7', 'the views, from top to bottom'],
  ['/', 'the filter of a view'],
  ['j k', 'next and previous request'],
  ['Esc', 'close the details'],
  ['Ctrl Enter', 'send the message'],
  ['?', 'this list'],
];

export function Keys({ ref }: { readonly ref: Ref<HTMLDialogElement> }) {
  return (
    <dialog ref={ref} className="dialog keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Keyboard</h2>
      <dl>
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" className="button primary">
          Close
        </button>
      </form>
    </dialog>
  );
}
