import { PARTS } from '../outsiders/parts';
import type { Description } from './results';

/** The benchmarks by name. Names of benchmarks and figures must not change, because results are compared over time. */
export const BENCHMARKS = new Map<string, Description>([
  [
    'cold-start',
    {
      load: async () => (await import('../cold-start')).coldStart,
      figures: {
        empty_cpu_ms:
          'CPU of the empty handler’s whole process, the 1 of the ratios below, on the machine that measured',
        floor_cpu_ratio: 'a handler that only loads `https` and `crypto`, × the empty handler’s process',
        router_kb_min: 'bundle of the router without a user’s module, in KB of 1,000 bytes; limit 280',
        authorizer_kb_min: 'bundle of the authorizer, KB',
        processor_kb_min: 'bundle of a processor whose handler does nothing, KB',
        demo_router_kb_min: 'bundle of the demo’s router, with its `echo` and the schema of its report, KB',
        demo_processor_kb_min: 'bundle of the demo’s report, with its data, fonts and PDF library, KB',
        router_cpu_ratio: 'router without a user’s module, × the empty handler’s process; limit 2.6',
        authorizer_cpu_ratio: 'authorizer, × the empty handler’s process',
        processor_cpu_ratio: 'processor whose handler does nothing, × the empty handler’s process',
        demo_router_cpu_ratio: 'the demo’s router, × the empty handler’s process',
        demo_processor_cpu_ratio: 'the demo’s report, × the empty handler’s process',
      },
    },
  ],
  [
    'request-cost',
    {
      load: async () => (await import('../request-cost')).requestCost,
      figures: {
        usd_per_million_requests: 'US dollars for a million requests of 10 progress sends and a result of 4 KB',
        usd_per_message: 'US dollars for each message that the client got',
        messages_in: 'frames from the client, a request',
        messages_out: 'frames to the client, a request',
        router_invocations: 'of the router, a request',
        dispatcher_invocations: 'of the dispatcher, a request: what is pending, what has ended',
        processor_invocations: 'of the processor, a request',
        sqs_sends: 'by the dispatcher, a request, with a message group',
        sqs_receives: 'by Lambda’s poller, a request; empty ones are not counted',
        sqs_visibility_changes: 'by the processor, a request: at the claim',
        sqs_deletes: 'by Lambda’s poller, a request',
        connections_read_units: 'DynamoDB read request units on the connections table, a request',
        requests_write_units: 'DynamoDB write request units on the requests table and its indexes, a request',
        requests_read_units: 'DynamoDB read request units on the requests table, a request',
        subscriptions_write_units: 'DynamoDB write request units on the subscriptions table, a request',
        subscriptions_read_units: 'DynamoDB read request units on the subscriptions table, a request',
        events_write_units: 'DynamoDB write request units on the events table, a request',
        events_read_units: 'DynamoDB read request units on the events table, a request',
      },
    },
  ],
  [
    'hot-path',
    {
      load: async () => (await import('../hot-path')).hotPath,
      figures: {
        sequential_calls: 'AWS calls of an async request that follow one another on the longest path; limit 9',
        calls_before_start: 'those before its handler starts; limit 4',
        cpu_ratio:
          'CPU of router, dispatcher and processor for one async request of 10 progress updates and a result of 4 KB, × an invocation of an empty handler in the same run',
        router_cpu_ratio: 'the part of the router',
        dispatcher_cpu_ratio: 'the part of the dispatcher',
        processor_cpu_ratio: 'the part of the processor',
        empty_cpu_ms: 'CPU of an invocation of the empty handler, in milliseconds, on the machine that measured',
      },
    },
  ],
  [
    'fairness',
    {
      load: async () => (await import('../fairness')).fairness,
      figures: {
        b_p95_ratio:
          'tenant A queues 10,000 requests and tenant B 10: 95th percentile of B’s waits for a start, × the same without A; limit 2. In virtual time',
        b_p95_alone_ms: 'that percentile without A, in milliseconds of virtual time',
        b_p95_ms: 'the same with A',
        cap_violations: 'tenants that had more attempts at a time than their cap of 25; limit 0',
        seed: 'seed of the random numbers',
      },
    },
  ],
  [
    'head-of-line',
    {
      load: async () => (await import('../head-of-line')).headOfLine,
      figures: {
        p99_start_ms:
          '99th percentile of the waits of 200 short requests, which arrive together with a poison record and a request of 15 minutes by another tenant; without the latency of the stream, in milliseconds of virtual time, the worst of five seeds; limit 1,000',
        p99_start_cold_ms:
          'the same after a time without requests: the queue mapping then begins with five batches at a time',
        seed: 'the first seed',
        seeds: 'number of seeds',
      },
    },
  ],
  [
    'cancel',
    {
      load: async () => (await import('../cancel')).cancel,
      figures: {
        cancels:
          'acknowledged cancellations of requests that had not ended, in virtual time, at random points of random lifecycles with crashes; at least 2,000',
        cancels_before_claim:
          'cancellations before the first claim; at least 50, which is also the minimum in the next four rows',
        cancels_waiting: 'cancellations while the request waited for a slot of a cap',
        cancels_running: 'cancellations while an attempt had the claim; its function may have died',
        cancels_between_attempts: 'cancellations while the request waited for a retry',
        cancels_between_slices: 'cancellations while the request waited for its next slice',
        signals: 'handlers that ran at the acknowledgment and got the signal',
        p99_signal_ms:
          '99th percentile of the time from the acknowledgment to the signal of a handler, whether it reports or not, in milliseconds of virtual time; limit 1,000',
        max_signal_ms: 'longest time from the acknowledgment to the signal, in milliseconds of virtual time',
        ran_after_cancel: 'handlers that ran two seconds after the acknowledgment; limit 0',
        retried_after_cancel: 'claims of a request after the acknowledgment; limit 0',
        terminal_not_one: 'requests whose log does not have exactly one terminal entry; limit 0',
        ended_otherwise: 'cancelled requests that did not end as CANCELLED; limit 0',
        viewers_differ: 'viewers that did not receive exactly the entries of the log; limit 0',
        crashes: 'processes of functions that the benchmark ended at a random call',
        seed: 'seed of the random numbers',
      },
    },
  ],
  [
    'recovery',
    {
      load: async () => (await import('../recovery')).recovery,
      figures: {
        p50_kill_to_attempt_s:
          'median of the time from the kill of a processor at a random moment to the first progress of the next attempt, in seconds; limit 15',
        max_kill_to_attempt_s: 'the longest such time, in seconds',
        lease_s: 'length of the lease, in seconds',
        writes_per_minute:
          'DynamoDB write request units of a minute in which a handler runs and reports nothing, with those of one run of the sweeper',
        kills: 'number of processors that were killed',
        seed: 'seed of the random numbers',
      },
    },
  ],
  [
    'long-connection',
    {
      load: async () => (await import('../long-connection')).longConnection,
      figures: {
        virtual_hours:
          'hours of virtual time of one client with an async request, a subscription, publishes and sync requests, on a gateway with the limits of API Gateway',
        visible_disconnects: 'changes of the client’s state from `connected` to another; limit 0',
        lost: 'events and messages that the application did not receive; limit 0',
        repeated: 'events and messages that it received twice or out of order; limit 0',
        failed_calls: 'requests and publishes that failed or did not settle; limit 0',
        sync_run_twice: 'sync requests that ran twice; limit 0',
        entries: 'events and messages that the application received',
        connections: 'connections that the client opened',
        max_delay_ms:
          'longest time from an event’s entry in the log to its delivery; a latency of the network is at most 100 ms each way',
        control_disconnects: 'visible disconnects of a client that waits until the gateway closes its connections',
        control_max_delay_ms: 'longest delay of an event of that client',
        faulty_disconnects:
          'visible disconnects of the same client, if 2 % of all frames and 20 % of all handshakes fail, and its connection is lost about every 5 minutes',
        faulty_lost: 'events and messages that the application did not receive despite these faults; limit 0',
        faulty_repeated: 'events and messages that it received twice or out of order; limit 0',
        faulty_failed_calls: 'requests and publishes that failed or did not settle; limit 0',
        max_connects_per_s:
          'largest number of handshakes within any second, of 10,000 clients, of the three cases below; limit 500',
        planned_max_connects_per_s:
          'over four hours in which the clients replace their connections; the connections were opened within 25 seconds',
        storm_max_connects_per_s: 'after all connections have ended at the same time',
        outage_max_connects_per_s: 'after the same, if no handshake succeeds for a minute',
        crowd_disconnects: 'visible disconnects of the 10,000 clients in the four hours; limit 0',
        storm_p50_reconnect_s:
          'median time in seconds until a client is connected again after all connections have ended',
        storm_max_reconnect_s: 'longest of these times',
        clients: 'number of clients',
        seed: 'seed of the random numbers',
      },
    },
  ],
  [
    'local',
    {
      load: async () => (await import('../local')).local,
      figures: {
        start_ms: 'until the example’s synthesized app can be connected to, in milliseconds',
        round_trips_per_s: 'of a sync action, one after another on one connection: 1 s / the median round trip',
        requests_per_s: 'async requests from sending to result, four under way at once',
        sync_p99_over_floor_ms:
          '99th percentile of what a sync round trip takes more than one of a bare WebSocket at the same time',
        sync_p50_over_floor_ms: 'median of the same',
        job_p50_ms: 'median of an async request with ten progress updates, one after another, in milliseconds',
        job_p50_ratio: 'the same, × a round trip of a bare WebSocket next to it',
        jobs_at_once:
          'largest number of jobs of 200 ms that run at once, if 64 are under way all the time; at least 64',
        jobs_per_s: 'async requests with ten progress updates from sending to result, if 64 are under way at once',
      },
    },
  ],
  [
    'reload',
    {
      load: async () => (await import('../reload')).reload,
      figures: {
        reload_ms: 'from the saving of a sync handler until its new code has answered, on a connection that was open',
        reload_ratio: 'the same, × a bare rebuild by esbuild and the start of an empty process, measured in turn',
      },
    },
  ],
  [
    'testing',
    {
      load: async () => (await import('../testing')).testing,
      figures: {
        testing_start_ms:
          'of `createLocalStreamer` for a stack that was made, with one action of each kind: synthesis and start, in milliseconds',
        testing_start_ratio: 'the same, × the start of an empty process at the same time',
      },
    },
  ],
  [
    'synth',
    {
      load: async () => (await import('../synth')).synth,
      figures: {
        overhead_ratio:
          'synthesis of an app with every kind of function and small handlers, × the same without bundling; limit 1.25',
        libraries_overhead_ratio: 'the same where two of its handlers use zod and a client of the AWS SDK',
        baseline_ms: 'synthesis of the former without bundling, in milliseconds',
        bundle_ms: 'what bundling adds to a synthesis of the example, in milliseconds, against one without bundling',
        synth_ms: 'that synthesis, bundling included, in milliseconds',
      },
    },
  ],
  [
    'outsiders',
    {
      load: async () => (await import('../outsiders')).outsiders,
      figures: Object.assign({}, ...[...PARTS.values()].map(({ figures }) => figures)) as Description['figures'],
    },
  ],
]);
