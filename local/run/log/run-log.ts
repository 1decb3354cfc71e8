import type { Resource } from '../../emulator/assembly';
import type { LogEvent, LogSink } from '../../emulator/types';
import { shortNames } from '../from-template/short-names';

/**
 * Number of characters of a connection id that are shown. The id has 15 characters, but these characters are enough to
 * distinguish connections.
 */
const SHOWN_OF_ID = 6;
/** Matches a gateway's log line about one connection: the connection id, then a route or a status. */
const CONNECTION_LINE = /^([\w-]{10,}=?)( \S+.*)$/;
const CONNECT_OR_DISCONNECT = /^\S+ \$(connect|disconnect)\b/;

/** Creates a sink that replaces physical names of functions with their construct paths. */
export function namingFunctions(log: LogSink, functions: readonly Resource[]): LogSink {
  const names = shortNames(functions.map(({ path }) => path));
  const byName = new Map(functions.map((resource, i) => [resource.ref(), names[i] ?? resource.path]));
  return (event) => log({ ...event, source: byName.get(event.source) ?? event.source });
}

/**
 * Creates the sink of a gateway. It shortens connection ids. Unless the run is verbose, it omits lines about messages
 * that were handled without an error.
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
