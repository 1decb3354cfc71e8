import { useLive } from '../context';
import { Empty } from '../ui/Empty';

/** The page before the run has answered. */
export function Starting() {
  const { link } = useLive();
  if (link !== 'lost') return <div className="starting" aria-busy="true" />;
  return (
    <Empty title="The run does not answer">
      <p>
        Start it with <code>npx cdk-streamer dev</code>; this page then connects automatically.
      </p>
    </Empty>
  );
}
