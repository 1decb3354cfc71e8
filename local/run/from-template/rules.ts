import type { Assembly, Resource } from '../../emulator/assembly';
import type { RuleTarget, ScheduleRule } from '../../emulator/scheduler';
import { functionNameOf, list, object, text } from './properties';

export interface ScheduleRules {
  readonly rules: { readonly resource: Resource; readonly rule: ScheduleRule }[];
  readonly warnings: string[];
}

/** Reads the template's enabled rules with a schedule. Targets that do not run here are left out. */
export function scheduleRules(assembly: Assembly, runs: (functionName: string) => boolean): ScheduleRules {
  const warnings: string[] = [];
  const rules = assembly.resources
    .filter(({ type, properties }) => type === 'AWS::Events::Rule' && properties().State !== 'DISABLED')
    .flatMap((resource) => {
      const scheduleExpression = text(resource.properties().ScheduleExpression);
      if (scheduleExpression === undefined) return [];
      const targets = targetsOf(resource, runs, warnings);
      const rule = { ruleName: resource.ref(), ruleArn: resource.attribute('Arn'), scheduleExpression, targets };
      return targets.length === 0 ? [] : [{ resource, rule }];
    });
  return { rules, warnings };
}

function targetsOf(rule: Resource, runs: (name: string) => boolean, warnings: string[]): RuleTarget[] {
  return list(rule.properties().Targets).flatMap((target) => {
    const { Arn, Input } = object(target);
    const functionName = functionNameOf(String(Arn));
    if (!runs(functionName)) {
      warnings.push(`${rule.address} does not reach ${String(Arn)}, which is not a function of the local run`);
      return [];
    }
    return [{ functionName, input: text(Input) }];
  });
}
