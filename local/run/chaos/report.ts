import type { LogSink } from '../../emulator/types';
import type { FaultTimers } from './timers';

/** Time in milliseconds for which faults are collected before they are logged. */
const COLLECT_MS = 1_000;

/** Returns a listener of faults, which logs the faults of each second as one line. */
export function faultReport(log: LogSink, timers: FaultTimers): (fault: string) => void {
  const counts = new Map<string, number>();
  const report = () => {
    const faults = [...counts].map(([fault, count]) => (count === 1 ? fault : `${fault} ×${count}`));
    counts.clear();
    log({ source: 'chaos', level: 'info', message: faults.join(', ') });
  };
  return (fault) => {
    if (counts.size === 0) timers.later(COLLECT_MS, report);
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
  };
}
