import type { Resource } from '../../emulator/assembly';
import type { LogEvent, LogSink } from '../../emulator/types';
import { shortNames } from '../from-template/short-names';

/** Connection ids have 15 characters; this many distinguish them for a reader. */
const SHOWN_OF_ID = 6;
/** Reports of a gateway on one connection: its id, a route, a status. */
const CONNECTION_LINE = /^([\w-]{10,}=?)( \S+.*)$/;
const CONNECT_OR_DISCONNECT = /^\S+ \$(connect|disconnect)\b/;

/** A sink that names functions by their constructs in place of their physical names. */
export function namingFunctions(log: LogSink, functions: readonly Resource[]): LogSink {
  const names = shortNames(functions.map(({ path }) => path));
  const byName = new Map(functions.map((resource, i) => [resource.ref(), names[i] ?? resource.path]));
  return (event) => log({ ...event, source: byName.get(event.source) ?? event.source });
}

/**
 * Creates a gateway's sink: connection ids are shortened, and lines about messages that were handled without an error are
 * left out, unless the run is verbose.
 */
export function gatewayLog(log: LogSink, verbose: boolean): LogSink {
  return (event: LogEvent) => {
    if (!verbose && event.level === 'info' && !CONNECT_OR_DISCONNECT.test(event.message)) return;
    const message = event.message.replace(CONNECTION_LINE, (_line, id: string, rest: string) => shortId(id) + rest);
    log({ ...event, message });
  };
}

export function shortId(connectionId: string): string {
  return `${connectionId.slice(0, SHOWN_OF_ID)}…`;
}
