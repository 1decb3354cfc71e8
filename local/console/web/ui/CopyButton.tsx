import { useEffect, useState } from 'react';
import { Icon } from './Icon';

const SHOWN_MS = 1500;

/** Button that copies a string and shows for a short time that it was copied. */
export function CopyButton({
  text,
  label,
  children,
}: {
  readonly text: string;
  readonly label: string;
  readonly children?: string;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <button type="button" className={children ? 'button' : 'button icon-only'} onClick={copy} title={label}>
      <Icon name={copied ? 'check' : 'copy'} />
      {children ? <span>{children}</span> : <span className="unseen">{label}</span>}
      <span className="unseen" role="status">
        {copied ? 'Copied' : ''}
      </span>
    </button>
  );
}
