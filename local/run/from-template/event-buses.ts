import type { Assembly, Resource } from '../../emulator/assembly';
import {
  type BusRule,
  type BusTarget,
  busNameOf,
  type EventBusService,
  type TargetInput,
} from '../../emulator/eventbridge';
import type { FunctionInvoker } from '../../emulator/types';
import type { Deliver } from './destinations';
import { functionNameOf, list, object, type Properties, text } from './properties';

/** The kinds of targets that rules can have. */
export interface RuleTargets {
  readonly invoker: FunctionInvoker;
  /** Returns whether a function can run in the local run. */
  runs(functionName: string): boolean;
  nameOf(functionName: string): string;
  /**
   * Sends a message to a queue.
   *
   * @throws Error if there is no such queue
   */
  send(queueArn: string, body: string, messageGroupId: string | undefined): void;
  readonly deliver: Deliver;
}

/** Creates the template's event buses. */
export function createBuses({ resources }: Assembly, buses: EventBusService): void {
  for (const { type, attribute } of resources) {
    if (type === 'AWS::Events::EventBus') buses.addBus(attribute('Name'));
  }
}

/**
 * Adds the rules that have an event pattern and are enabled. For each rule that cannot run here, there is a warning.
 */
export function addBusRules(
  { resources }: Assembly,
  buses: EventBusService,
  targets: RuleTargets,
): { added: BusRule[]; warnings: string[] } {
  const warnings: string[] = [];
  const added = resources.flatMap((resource) => {
    if (resource.type !== 'AWS::Events::Rule') return [];
    const { EventPattern, State } = resource.properties();
    if (EventPattern === undefined || State === 'DISABLED') return [];
    try {
      const rule = busRule(resource, targets, warnings);
      buses.addRule(rule);
      return [rule];
    } catch (error) {
      warnings.push(`${resource.address} is not run: ${(error as Error).message}`);
      return [];
    }
  });
  return { added, warnings };
}

function busRule(resource: Resource, targets: RuleTargets, warnings: string[]): BusRule {
  const properties = resource.properties();
  const ruleArn = resource.attribute('Arn');
  return {
    ruleName: ruleArn.split('/').at(-1) ?? ruleArn,
    ruleArn,
    busName: busNameOf(properties.EventBusName),
    pattern: properties.EventPattern,
    targets: list(properties.Targets).flatMap((target) => busTarget(resource, object(target), targets, warnings)),
  };
}

function busTarget(rule: Resource, target: Properties, targets: RuleTargets, warnings: string[]): BusTarget[] {
  const arn = String(target.Arn);
  const reach = delivery(arn, target, targets);
  if (!reach) {
    warnings.push(`${rule.address} does not reach ${arn}, which is neither a function nor a queue of the local run`);
    return [];
  }
  const deadLetters = text(object(target.DeadLetterConfig).Arn);
  const onFailure = (json: string) => {
    if (deadLetters !== undefined) targets.deliver(deadLetters, JSON.parse(json), rule.path);
  };
  return [{ ...reach, ...inputOf(target), onFailure }];
}

function delivery(
  arn: string,
  target: Properties,
  targets: RuleTargets,
): Pick<BusTarget, 'name' | 'deliver'> | undefined {
  if (arn.includes(':sqs:')) {
    const group = text(object(target.SqsParameters).MessageGroupId);
    return { name: arn.split(':').at(-1) ?? arn, deliver: (json) => targets.send(arn, json, group) };
  }
  const functionName = functionNameOf(arn);
  if (!arn.includes(':lambda:') || !targets.runs(functionName)) return undefined;
  return {
    name: targets.nameOf(functionName),
    deliver: (json) => targets.invoker.invokeAsync(functionName, JSON.parse(json)),
  };
}

function inputOf({ Input, InputPath, InputTransformer }: Properties): TargetInput {
  const { InputPathsMap, InputTemplate } = object(InputTransformer);
  const template = text(InputTemplate);
  const paths = Object.fromEntries(Object.entries(object(InputPathsMap)).map(([name, path]) => [name, String(path)]));
  return {
    input: text(Input),
    inputPath: text(InputPath),
    transformer: template === undefined ? undefined : { paths, template },
  };
}
