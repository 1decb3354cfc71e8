import { useServices } from '../../context';
import type { SessionFrame } from '../../session';
import { Empty } from '../../ui/Empty';
import { Frames } from '../../ui/Frames';
import { Panel } from '../../ui/Panel';

/** Frames of the developer's connection. */
export function SessionFrames({ frames }: { readonly frames: readonly SessionFrame[] }) {
  const { session } = useServices();
  return (
    <Panel
      title="Frames"
      className="session"
      aside={
        <button type="button" className="button" onClick={() => session.clear()} disabled={frames.length === 0}>
          Clear
        </button>
      }
    >
      {frames.length === 0 ? (
        <Empty title="Nothing sent yet">Send connects automatically. Frames in both directions appear here.</Empty>
      ) : (
        <Frames frames={[...frames].reverse()} label="Frames, newest first" />
      )}
    </Panel>
  );
}
