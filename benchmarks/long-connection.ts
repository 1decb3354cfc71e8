import { timing } from '../protocol/constants.json';
import type { Benchmark } from './lib/results';
import { percentile, significant } from './lib/statistics';
import { Crowd } from './virtual/crowd';
import { LongSession, type SessionTally } from './virtual/long-session';

const SEED = 1;
const HOUR_MS = 3_600_000;
/** Hours of the session of one client, and of the crowd. API Gateway closes a connection after two. */
const [SESSION_HOURS, CROWD_HOURS] = [6, 4];
const CLIENTS = 10_000;
const OUTAGE_MS = 60_000;
const FAULTS = { lost: 0.02, refused: 0.2 };

/**
 * Runs one client for six hours on a gateway with the limits of API Gateway, without and with random faults. Then runs 10,000 clients, and ends all
 * their connections at the same time. In virtual time.
 *
 * @throws Error if the gateway does not end the connections of a client that waits for the end, because the figures would then mean nothing
 */
export const longConnection: Benchmark = async (report) => {
  report(`one client, ${SESSION_HOURS} hours …`);
  const session = await new LongSession({ seed: SEED, hours: SESSION_HOURS }).run();
  report('the same without a replacement of connections …');
  const control = await new LongSession({ seed: SEED, hours: SESSION_HOURS, waits: true }).run();
  checkControl(control);
  report('the same as the first with faults …');
  const faulty = { seed: SEED, hours: SESSION_HOURS, faults: FAULTS, dropMs: 300_000 };
  const { lost, repeated, disconnects, failed, unsettled } = await new LongSession(faulty).run();
  const crowd = await crowdFigures(report);
  return {
    versions: { node: process.versions.node },
    figures: {
      virtual_hours: SESSION_HOURS,
      visible_disconnects: session.disconnects,
      lost: session.lost,
      repeated: session.repeated,
      failed_calls: session.failed + session.unsettled,
      sync_run_twice: session.syncsTwice,
      entries: session.received,
      connections: session.connects,
      max_delay_ms: significant(session.maxDelayMs),
      control_disconnects: control.disconnects,
      control_max_delay_ms: significant(control.maxDelayMs),
      faulty_disconnects: disconnects,
      faulty_lost: lost,
      faulty_repeated: repeated,
      faulty_failed_calls: failed + unsettled,
      ...crowd,
      seed: SEED,
    },
  };
};

/** @throws Error if the gateway has not ended a connection every two hours */
export function checkControl({ disconnects }: Pick<SessionTally, 'disconnects'>): void {
  const expected = Math.floor(SESSION_HOURS / timing.connectionHours) - 1;
  if (disconnects < expected) throw new Error(`the gateway ended ${disconnects} connections, instead of ${expected}`);
}

async function crowdFigures(report: (line: string) => void): Promise<Record<string, number>> {
  report(`${CLIENTS} clients, ${CROWD_HOURS} hours …`);
  const crowd = new Crowd(SEED, CLIENTS);
  await crowd.start();
  const planned = await crowd.run(CROWD_HOURS * HOUR_MS);
  const { disconnects } = crowd;
  report('all connections end at the same time …');
  const storm = await crowd.storm(0);
  await crowd.run(OUTAGE_MS);
  report('all connections end, and no handshake succeeds for a minute …');
  const outage = await crowd.storm(OUTAGE_MS);
  crowd.close();
  return {
    max_connects_per_s: Math.max(planned, storm.max, outage.max),
    planned_max_connects_per_s: planned,
    storm_max_connects_per_s: storm.max,
    outage_max_connects_per_s: outage.max,
    crowd_disconnects: disconnects,
    storm_p50_reconnect_s: significant(percentile(storm.times, 50) / 1_000),
    storm_max_reconnect_s: significant(Math.max(...storm.times) / 1_000),
    clients: CLIENTS,
  };
}
