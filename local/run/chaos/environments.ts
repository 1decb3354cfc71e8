import type { FaultPlan, PlannedFault } from '../../emulator/chaos';
import type { Caller } from '../../emulator/http';
import type { ClockFault, EnvironmentFaults, FaultyEnvironment } from '../../emulator/lambda';
import { ThrottledError } from '../../emulator/types';

/** Time in milliseconds that stands for one call, from the start of a process to a jump of its clock. */
const CALL_MS = 100;

interface Doom {
  readonly environment: FaultyEnvironment;
  readonly fault: PlannedFault<'invocation'>;
  calls: number;
}

/** Ends and freezes the processes of functions at their calls, and misleads their clocks. */
export class DoomedEnvironments implements EnvironmentFaults {
  /** Environments whose current invocation ends or freezes, by function and environment. */
  private readonly dooms = new Map<string, Doom>();

  public constructor(private readonly plan: FaultPlan) {}

  public onStart(environment: FaultyEnvironment): void {
    const fault = this.plan.next('init');
    if (!fault) return;
    this.plan.took(fault);
    environment.kill();
  }

  public onInvoke(functionName: string): ((environment: FaultyEnvironment) => void) | undefined {
    const fault = this.plan.next('invocation');
    if (fault?.fault === 'throttle') {
      this.plan.took(fault);
      throw new ThrottledError(`Rate Exceeded: a fault throttles ${functionName}`);
    }
    return (environment) => {
      const name = nameOf(functionName, environment.id);
      if (fault) this.dooms.set(name, { environment, fault, calls: 0 });
      else this.dooms.delete(name);
    };
  }

  public clockOf(): ClockFault | undefined {
    const fault = this.plan.next('clock');
    if (!fault) return undefined;
    this.plan.took(fault);
    return { ms: fault.ms, afterMs: fault.fault === 'jump' ? fault.call * CALL_MS : 0 };
  }

  /**
   * Counts a call of an environment, which may end or freeze at this call.
   *
   * @returns whether the process ended before or after the effect of the call; undefined if it did not end
   */
  public called({ name, environment = '' }: Caller): 'before' | 'after' | undefined {
    const doom = this.dooms.get(nameOf(name, environment));
    if (!doom) return undefined;
    doom.calls += 1;
    const { fault } = doom;
    if (doom.calls !== fault.call) return undefined;
    this.dooms.delete(nameOf(name, environment));
    this.plan.took(fault);
    if (fault.fault === 'freeze') {
      doom.environment.freeze(fault.ms);
      return undefined;
    }
    doom.environment.kill();
    return fault.random < 0.5 ? 'before' : 'after';
  }
}

const nameOf = (functionName: string, environment: string): string => `${functionName}/${environment}`;
