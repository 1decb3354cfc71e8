import { readFileSync } from 'node:fs';
import { BENCHMARKS } from '../../benchmarks/lib/benchmarks';
import { PAGE, renderTable, tableIn } from '../../benchmarks/lib/page';
import { readResult } from '../../benchmarks/lib/results';

/** Figures that are compared over time, so their names must not change. */
const STAY: Record<string, string[]> = {
  'cold-start': [
    'router_kb_min',
    'router_cpu_ratio',
    'authorizer_cpu_ratio',
    'processor_cpu_ratio',
    'demo_router_cpu_ratio',
    'demo_processor_cpu_ratio',
    'floor_cpu_ratio',
  ],
  'request-cost': ['usd_per_million_requests', 'usd_per_message'],
  'hot-path': ['sequential_calls', 'calls_before_start', 'cpu_ratio'],
  fairness: ['b_p95_ratio', 'cap_violations'],
  'head-of-line': ['p99_start_ms'],
  cancel: ['cancels', 'p99_signal_ms', 'ran_after_cancel', 'retried_after_cancel', 'terminal_not_one'],
  reliability: [
    'acknowledged',
    'lost',
    'gaps',
    'duplicates',
    'terminal_not_one',
    'log_differs',
    'events',
    'faults_injected',
    'kills',
    'rung',
  ],
  interleavings: ['runs', 'violations'],
  coalescing: ['sends', 'last_exact'],
  recovery: ['p50_kill_to_attempt_s', 'writes_per_minute'],
  'long-connection': ['virtual_hours', 'visible_disconnects', 'lost', 'max_connects_per_s'],
  'fan-out': ['subscribers', 'messages', 'incomplete', 'out_of_order', 'rung2_seconds'],
  local: ['start_ms', 'round_trips_per_s', 'requests_per_s', 'sync_p99_over_floor_ms'],
  reload: ['reload_ms', 'reload_ratio'],
  testing: ['testing_start_ms', 'testing_start_ratio'],
  synth: ['overhead_ratio', 'bundle_ms'],
  payloads: ['cases', 'different'],
  outsiders: [
    'slow_viewer_own_ratio',
    'slow_viewer_other_ratio',
    'progress_call_ratio',
    'fan_out_frames_per_s',
    'max_async_actions',
    'max_isolated_actions',
    'max_function_actions',
    'max_async_function_actions',
    'keep_names_size_ratio',
    'source_map_cold_ratio',
  ],
};

test('the page’s table is that of the committed results', () => {
  expect(tableIn(readFileSync(PAGE, 'utf8'))).toBe(renderTable());
});

test('a page without the marks of the table is refused', () => {
  expect(() => tableIn('# Benchmarks')).toThrow('must have <!--');
});

test('every benchmark has its names', () => {
  expect([...BENCHMARKS.keys()]).toEqual(Object.keys(STAY));
});

describe.each([...BENCHMARKS])('%s', (name, { figures: described }) => {
  const { versions = {}, figures = {} } = readResult(name) ?? {};

  test('a benchmark has a committed result with the figures that stay', () => {
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(STAY[name]));
  });

  test('every figure is a number that is not negative, and is described', () => {
    for (const [figure, value] of Object.entries(figures)) {
      expect({ figure, value }).toEqual({ figure, value: expect.any(Number) });
      expect(value).toBeGreaterThanOrEqual(0);
      expect(Object.keys(described)).toContain(figure);
    }
  });

  test('the measured versions are named', () => {
    expect(Object.keys(versions).length).toBeGreaterThan(0);
    for (const version of Object.values(versions)) expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

test('one API holds at least 200 actions of each kind', () => {
  const { figures = {} } = readResult('outsiders') ?? {};
  const kinds = Object.entries(figures).filter(([name]) => /^max_\w+_actions$/.test(name));
  expect(kinds).toHaveLength(4);
  for (const [, most] of kinds) expect(most).toBeGreaterThanOrEqual(200);
});

test('a viewer that does not read, and a call of progress, cost little', () => {
  const { slow_viewer_own_ratio, slow_viewer_other_ratio, progress_call_ratio } =
    readResult('outsiders')?.figures ?? {};
  expect(slow_viewer_own_ratio).toBeLessThanOrEqual(1.2);
  expect(slow_viewer_other_ratio).toBeLessThanOrEqual(1.2);
  expect(progress_call_ratio).toBeLessThanOrEqual(1.5);
});

test('names and source maps, which bundles have by default, cost little', () => {
  const { keep_names_size_ratio, source_map_cold_ratio } = readResult('outsiders')?.figures ?? {};
  expect(keep_names_size_ratio).toBeLessThanOrEqual(1.06);
  expect(source_map_cold_ratio).toBeLessThanOrEqual(1.05);
});

test('bundling adds at most a quarter to a synthesis', () => {
  expect(readResult('synth')?.figures.overhead_ratio).toBeLessThanOrEqual(1.25);
});

test('a long connection is never interrupted, loses nothing, and 10,000 clients stay below 500 new connections per second', () => {
  const { figures = {} } = readResult('long-connection') ?? {};
  expect(figures).toMatchObject({
    virtual_hours: 6,
    visible_disconnects: 0,
    lost: 0,
    repeated: 0,
    sync_run_twice: 0,
    faulty_lost: 0,
    faulty_repeated: 0,
    crowd_disconnects: 0,
    clients: 10_000,
  });
  expect(figures.max_connects_per_s).toBeLessThan(500);
});

test.each([
  '',
  'rung2_',
])('under the harshest faults, no acknowledged request is lost, and each viewer receives the log (%s)', (rung) => {
  const { figures = {} } = readResult('reliability') ?? {};
  const ofRung = Object.entries(figures).filter(([name]) => name.startsWith('rung2_') === (rung !== ''));
  const named = Object.fromEntries(ofRung.map(([name, value]) => [name.replace(rung, ''), value]));
  expect(named).toMatchObject({ lost: 0, gaps: 0, duplicates: 0, terminal_not_one: 0, log_differs: 0 });
  expect(named.acknowledged).toBe(rung === '' ? 1_000 : 100);
  expect(named.faults_injected).toBeGreaterThan(0);
  expect(named.kills).toBeGreaterThan(0);
});

test('no order of the steps violates a guarantee', () => {
  expect(readResult('interleavings')?.figures.violations).toBe(0);
});

test('10,000 calls of progress within ten seconds are at most 101 frames, and the last frame is exact', () => {
  const { figures = {} } = readResult('coalescing') ?? {};
  expect(figures).toMatchObject({ calls: 10_000, last_exact: 1 });
  expect(figures.sends).toBeLessThanOrEqual(101);
  expect(figures.heap_growth_kb).toBeLessThanOrEqual(1_000);
});

test('every subscriber of a large topic gets all messages once and in order, also if notifiers die', () => {
  const { figures = {} } = readResult('fan-out') ?? {};
  expect(figures).toMatchObject({
    ...{ subscribers: 10_000, messages: 30, incomplete: 0, out_of_order: 0 },
    ...{ faulty_incomplete: 0, faulty_out_of_order: 0 },
    ...{ rung2_subscribers: 1_000, rung2_incomplete: 0, rung2_out_of_order: 0 },
  });
  expect(figures.max_posts_per_s).toBeLessThanOrEqual(2_600);
  expect(figures.notifier_deaths).toBeGreaterThan(0);
});

test('the router is within its limits', () => {
  const { router_kb_min, router_cpu_ratio } = readResult('cold-start')?.figures ?? {};
  expect(router_kb_min).toBeLessThanOrEqual(280);
  expect(router_cpu_ratio).toBeLessThanOrEqual(2.6);
});
