/** CloudWatch namespace of the metrics that the functions emit. */
export const METRIC_NAMESPACE = 'Streamer';

/** Dimensions of every metric. `service` is the function that emits the metric, `api` the name of the API. */
export const METRIC_DIMENSIONS = { service: 'service', api: 'api' } as const;

/** A metric that a function emits. */
export interface MetricDefinition {
  readonly name: string;
  /** Value of the dimension `service`. If it is undefined, the value is the name of the action whose processor emits the metric. */
  readonly service?: string;
  readonly unit: 'Count' | 'Milliseconds';
}

/** All metrics that the functions emit. */
export const METRICS = {
  connectionsOpened: { name: 'ConnectionsOpened', service: 'router', unit: 'Count' },
  connectionsClosed: { name: 'ConnectionsClosed', service: 'router', unit: 'Count' },
  /** Frames from clients that the router answered without an error. */
  messagesAnswered: { name: 'MessagesAnswered', service: 'router', unit: 'Count' },
  /** Frames from clients that the router answered with an error. */
  messagesRefused: { name: 'MessagesRefused', service: 'router', unit: 'Count' },
  /** Duration of an invocation in which at least one attempt ran. */
  attemptDuration: { name: 'AttemptDuration', unit: 'Milliseconds' },
  /** Requests without progress that the sweeper resumed, failed or rescheduled. */
  requestsRecovered: { name: 'RequestsRecovered', service: 'sweeper', unit: 'Count' },
  /** Requests that the sweeper could not check. */
  requestsNotRecovered: { name: 'RequestsNotRecovered', service: 'sweeper', unit: 'Count' },
  submissionsAnswered: { name: 'SubmissionsAnswered', service: 'submitter', unit: 'Count' },
  submissionsRefused: { name: 'SubmissionsRefused', service: 'submitter', unit: 'Count' },
  /** Messages of topics that the notifier stored and sent. */
  messagesPublished: { name: 'MessagesPublished', service: 'notifier', unit: 'Count' },
} as const satisfies { readonly [key: string]: MetricDefinition };

type Metric = (typeof METRICS)[keyof typeof METRICS];

/** Metrics of one service. The service of a processor is its action, so it may be any string. */
export type MetricOf<Service extends string> = string extends Service
  ? Exclude<Metric, { readonly service: string }>
  : Extract<Metric, { readonly service: Service }>;
