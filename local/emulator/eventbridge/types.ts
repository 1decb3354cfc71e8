import type { TargetInput } from './target-input';

/** An event as rules and targets see it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** Time of the event, in ISO 8601 with whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface BusTarget extends TargetInput {
  /** Name of the target in the log. */
  readonly name: string;
  /**
   * Passes the input to the target.
   *
   * @throws Error when the target does not accept it
   */
  deliver(json: string): void;
  /** Receives the input that the target did not accept. @default - it is only logged */
  readonly onFailure?: (json: string, error: Error) => void;
}

/** An `AWS::Events::Rule` with an event pattern. */
export interface BusRule {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** @default 'default' */
  readonly busName?: string;
  readonly pattern: unknown;
  readonly targets: readonly BusTarget[];
}
