import type { TargetInput } from './target-input';

/** An event in the format that rules and targets receive. */
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
  /** Name of the target in log lines. */
  readonly name: string;
  /**
   * Passes the input to the target.
   *
   * @throws Error if the target does not accept it
   */
  deliver(json: string): void;
  /** Called with an input that the target did not accept. @default - the error is only logged */
  readonly onFailure?: (json: string, error: Error) => void;
}

/** An `AWS::Events::Rule` with an event pattern. */
export interface BusRule {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** Name of the rule's bus. @default 'default' */
  readonly busName?: string;
  readonly pattern: unknown;
  readonly targets: readonly BusTarget[];
}
