import { useEffect } from 'react';
import { useStored } from '../hooks';
import { Icon } from '../ui/Icon';

const NEXT: Readonly<Record<string, string>> = { auto: 'light', light: 'dark', dark: 'auto' };

/** A choice of the color scheme: that of the system, light or dark. */
export function Theme() {
  const [theme, setTheme] = useStored('theme', 'auto');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const title = `Colours: ${theme === 'auto' ? 'as the system' : theme}`;
  return (
    <button type="button" className="button icon-only" onClick={() => setTheme(NEXT[theme] ?? 'auto')} title={title}>
      <Icon name="theme" />
      <span className="unseen">{title}</span>
    </button>
  );
}
