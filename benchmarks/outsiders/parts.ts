import type { Description } from '../lib/results';

/**
 * The parts of the benchmark `outsiders` by name. Each part is a separate module in this folder. For a new part, add its figures to
 * `test/benchmarks/results.test.ts`, too.
 */
export const PARTS = new Map<string, Description>([
  [
    'slow-viewer',
    {
      load: async () => (await import('./slow-viewer')).slowViewer,
      figures: {
        slow_viewer_own_ratio:
          'a request of 150 events of 8 KB whose viewer keeps its socket open and never reads, × the same with a viewer that reads; limit 1.2',
        slow_viewer_other_ratio:
          'another tenant’s request of the same kind at the same time, × the same next to a viewer that reads; limit 1.2',
      },
    },
  ],
  [
    'progress-call',
    {
      load: async () => (await import('./progress-call')).progressCall,
      figures: {
        progress_call_ratio:
          'a call of `progress` that is coalesced and an empty turn of the event loop, × the turn alone; limit 1.5',
      },
    },
  ],
  [
    'fan-out',
    {
      load: async () => (await import('./fan-out')).fanOut,
      figures: {
        fan_out_frames_per_s:
          'frames of one topic that its 500 subscribers get in a second on the local run, which shares the machine with all of them',
      },
    },
  ],
  [
    'many-actions',
    {
      load: async () => (await import('./many-actions')).manyActions,
      figures: {
        max_async_actions:
          'async actions of one API within all limits of CloudFormation, IAM, Lambda and SQS, of 10, 50, 100, 200 or 400; at least 200',
        max_isolated_actions: 'isolated sync actions, the same; at least 200',
        max_function_actions:
          'sync actions by `fromFunction` whose functions have names that CloudFormation makes, the same; at least 200',
        max_async_function_actions: 'async actions by `fromFunction`, the same; at least 200',
      },
    },
  ],
  [
    'keep-names',
    {
      load: async () => (await import('./keep-names')).keepNames,
      figures: {
        keep_names_size_ratio:
          'code that a function loads at its start with the names of functions and classes, × the same without; the larger of a tiny handler and the demo’s report',
      },
    },
  ],
  [
    'source-map',
    {
      load: async () => (await import('./source-map')).sourceMap,
      figures: {
        source_map_cold_ratio:
          'CPU of a function’s process from its start to its first answer with the default source map, × the same without; the larger of a tiny handler and the demo’s report',
      },
    },
  ],
]);
