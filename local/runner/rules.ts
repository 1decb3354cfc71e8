import type { Assembly, Resource } from '../assembly';
import { functionNameOf, list, object, text } from './properties';

/** A rule on a schedule, as the scheduler takes it. */
export interface ScheduleRule {
  readonly ruleName: string;
  /** `rate(…)` or `cron(…)`. */
  readonly scheduleExpression: string;
  readonly targets: { readonly functionName: string; readonly input?: string }[];
}

export interface ScheduleRules {
  readonly rules: ScheduleRule[];
  readonly warnings: string[];
}

/** The rules of the template that are on a schedule and enabled, with those targets that are functions here. */
export function scheduleRules(assembly: Assembly, runs: (functionName: string) => boolean): ScheduleRules {
  const warnings: string[] = [];
  const rules = assembly.resources
    .filter(({ type, properties }) => type === 'AWS::Events::Rule' && properties().State !== 'DISABLED')
    .flatMap((rule) => {
      const scheduleExpression = text(rule.properties().ScheduleExpression);
      if (scheduleExpression === undefined) return [];
      const targets = targetsOf(rule, runs, warnings);
      return targets.length === 0 ? [] : [{ ruleName: rule.ref(), scheduleExpression, targets }];
    });
  return { rules, warnings };
}

function targetsOf(rule: Resource, runs: (name: string) => boolean, warnings: string[]): ScheduleRule['targets'] {
  return list(rule.properties().Targets).flatMap((target) => {
    const { Arn, Input } = object(target);
    const functionName = functionNameOf(String(Arn));
    if (!runs(functionName)) {
      warnings.push(`${rule.address} does not reach ${String(Arn)}, which is not a function that is run here`);
      return [];
    }
    return [{ functionName, input: text(Input) }];
  });
}
