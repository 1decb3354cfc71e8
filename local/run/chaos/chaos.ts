import { FaultPlan, type FaultProfile } from '../../emulator/chaos';
import type { AwsService, FaultHook } from '../../emulator/http';
import type { EnvironmentFaults } from '../../emulator/lambda';
import type { Clock, FunctionInvoker, LogSink } from '../../emulator/types';
import type { GatewayFaults } from '../../emulator/websocket-api';
import { CallFaults } from './calls';
import { connectionFaults } from './connections';
import { DoomedEnvironments } from './environments';
import { type MappingKind, mappingFaults } from './mappings';
import { faultReport } from './report';
import { FaultTimers } from './timers';

/** Faults that a run injects. */
export interface ChaosOptions {
  readonly profile: FaultProfile;
  /** Seed of all decisions about faults, from 0 to 4,294,967,295. */
  readonly seed: number;
}

/** Connects the plan of faults with the emulated services of a run. */
export class Chaos {
  public readonly plan: FaultPlan;
  public readonly environments: EnvironmentFaults;
  public readonly connections: GatewayFaults;
  public readonly faultOf: FaultHook;
  private readonly calls: CallFaults;
  private readonly timers: FaultTimers;

  public constructor({ profile, seed }: ChaosOptions, clock: Clock, log: LogSink) {
    this.timers = new FaultTimers(clock);
    const plan = new FaultPlan(seed, profile, faultReport(log, this.timers));
    log({ source: 'chaos', level: 'info', message: `seed ${seed}: ${profile.description}` });
    this.plan = plan;
    const beganAt = clock.now();
    const isDown = (service: string) => plan.isDown(service, clock.now() - beganAt);
    const environments = new DoomedEnvironments(plan);
    this.environments = environments;
    this.connections = connectionFaults(plan, this.timers, isDown);
    this.calls = new CallFaults(plan, environments, isDown);
    this.faultOf = (call) => this.calls.faultOf(call);
  }

  /** Injects no further faults, and ends those that wait. */
  public close(): void {
    this.plan.stop();
    this.timers.close();
  }

  /** Lag of the next query of an index, in milliseconds. */
  public indexLagMs(): number {
    const fault = this.plan.next('index');
    if (fault) this.plan.took(fault);
    return fault?.ms ?? 0;
  }

  /** Returns an invoker for an event source mapping, whose batches suffer from faults. */
  public mapping(kind: MappingKind, invoker: FunctionInvoker): FunctionInvoker {
    return mappingFaults(kind, invoker, this.plan, this.timers);
  }

  /** Returns a service that does not accept all messages of a batch. */
  public service(service: AwsService): AwsService {
    return this.calls.partial(service);
  }
}
