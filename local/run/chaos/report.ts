import type { Clock, LogSink } from '../../emulator/types';

/** Time in milliseconds for which faults are collected before they are logged. */
const COLLECT_MS = 1_000;

/** Returns a listener of faults, which logs the faults of each second as one line. */
export function faultReport(log: LogSink, clock: Clock): (fault: string) => void {
  const counts = new Map<string, number>();
  const report = () => {
    const faults = [...counts].map(([fault, count]) => (count === 1 ? fault : `${fault} ×${count}`));
    counts.clear();
    log({ source: 'chaos', level: 'info', message: faults.join(', ') });
  };
  return (fault) => {
    if (counts.size === 0) clock.setTimeout(report, COLLECT_MS);
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
  };
}
