import { type ComponentType, useRef } from 'react';
import { useLive, useRoute } from './context';
import { useKeys } from './hooks';
import { linkTo, VIEWS, type ViewName } from './logic/route';
import { Failure } from './shell/Failure';
import { Keys } from './shell/Keys';
import { Navigation } from './shell/Navigation';
import { Starting } from './shell/Starting';
import { ConnectionsView } from './views/ConnectionsView';
import { LogsView } from './views/LogsView';
import { OverviewView } from './views/OverviewView';
import { QueuesView } from './views/QueuesView';
import { RequestsView } from './views/RequestsView';
import { SendView } from './views/SendView';
import { TablesView } from './views/TablesView';

const COMPONENTS: Record<ViewName, ComponentType> = {
  overview: OverviewView,
  requests: RequestsView,
  connections: ConnectionsView,
  queues: QueuesView,
  tables: TablesView,
  logs: LogsView,
  send: SendView,
};

export function App() {
  const { data } = useLive();
  const { view } = useRoute();
  const keys = useRef<HTMLDialogElement>(null);
  const goTo = VIEWS.map((name, i) => [String(i + 1), () => location.assign(linkTo(name))] as const);
  useKeys({ ...Object.fromEntries(goTo), '?': () => keys.current?.showModal() });
  const View = COMPONENTS[view];
  return (
    <div className="shell">
      <Navigation current={view} onKeys={() => keys.current?.showModal()} />
      <main id="main" className={`view view-${view}`} tabIndex={-1}>
        {data ? (
          <Failure key={view}>
            <View />
          </Failure>
        ) : (
          <Starting />
        )}
      </main>
      <Keys ref={keys} />
    </div>
  );
}
