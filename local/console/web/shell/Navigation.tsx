import { useEffect, useRef } from 'react';
import { useLive } from '../context';
import { groupOf } from '../logic/filters';
import { linkTo, VIEWS, type ViewName } from '../logic/route';
import { Icon } from '../ui/Icon';
import { Theme } from './Theme';

const TITLES: Record<ViewName, string> = {
  overview: 'Overview',
  requests: 'Requests',
  connections: 'Connections',
  queues: 'Queues',
  tables: 'Tables',
  logs: 'Logs',
  send: 'Send',
};

const LINK_TEXTS = { connecting: 'connecting …', live: 'live', lost: 'run ended' };

interface NavigationProps {
  readonly current: ViewName;
  /** Shows the keyboard shortcuts. */
  onKeys(): void;
}

/** Links to the views, with their counts. */
export function Navigation({ current, onKeys }: NavigationProps) {
  return (
    <aside className="side">
      <button type="button" className="button skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <Brand />
      <Views current={current} />
      <Foot onKeys={onKeys} />
    </aside>
  );
}

function Brand() {
  const stacks = useLive().data?.run.stacks.join(', ');
  return (
    <header className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" />
        <path d="M7 20c4.5 0 4.5-8 9-8s4.5 8 9 8" />
      </svg>
      <div>
        <h1>Streamer</h1>
        <p className="stacks" title={stacks}>
          {stacks ?? ' '}
        </p>
      </div>
    </header>
  );
}

function Views({ current }: { readonly current: ViewName }) {
  const counts = useCounts();
  const chosen = useRef<HTMLAnchorElement>(null);
  // on a narrow screen the views are in one row, which may be wider than the screen
  // biome-ignore lint/correctness/useExhaustiveDependencies: each view has a different element
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <nav aria-label="Views">
      <ul>
        {VIEWS.map((view, i) => (
          <li key={view}>
            <a
              ref={view === current ? chosen : undefined}
              href={linkTo(view)}
              aria-current={view === current ? 'page' : undefined}
              title={`Key ${i + 1}`}
            >
              <Icon name={view} />
              <span>{TITLES[view]}</span>
              {counts[view] !== undefined && <span className={`count ${counts[view].tone}`}>{counts[view].text}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Foot({ onKeys }: Pick<NavigationProps, 'onKeys'>) {
  const { link } = useLive();
  return (
    <footer className="side-foot">
      <span className="link" data-link={link} role="status">
        <span className="dot" />
        {LINK_TEXTS[link]}
      </span>
      <span className="side-tools">
        <button type="button" className="button icon-only" onClick={onKeys} title="Keyboard (?)">
          <Icon name="keyboard" />
          <span className="unseen">Keyboard</span>
        </button>
        <Theme />
      </span>
    </footer>
  );
}

type Counts = Partial<Record<ViewName, { text: string; tone: 'calm' | 'busy' | 'bad' }>>;

function useCounts(): Counts {
  const { data } = useLive();
  if (!data) return {};
  const active = data.requests.filter(({ status }) => groupOf(status) === 'active').length;
  const open = data.connections.filter(({ closed }) => !closed).length;
  const dead = data.queues.reduce((sum, queue) => sum + (queue.isDeadLetter ? queue.visible + queue.inFlight : 0), 0);
  return {
    ...(active > 0 && { requests: { text: String(active), tone: 'busy' as const } }),
    connections: { text: String(open), tone: 'calm' },
    ...(dead > 0 && { queues: { text: String(dead), tone: 'bad' as const } }),
  };
}
