import type { FaultPlan, PlannedFault } from '../../../local/emulator/chaos';
import type { VirtualClock } from '../clock';

/** Number of attempts of the AWS SDK for one call, and the time before the second attempt. It doubles with each attempt. */
const SDK_ATTEMPTS = 3;
const SDK_BACKOFF_MS = 100;

type Place = 'read' | 'write' | 'send';

export interface ClientWorld {
  readonly clock: VirtualClock;
  readonly plan: FaultPlan;
  /** Time at which the world began. */
  readonly beganAt: number;
}

/** A client of the AWS SDK, whose calls suffer from the faults of a plan. It repeats a call that failed. */
export class FaultyClient {
  /** @param service name of the service, for outages */
  public constructor(
    private readonly world: ClientWorld,
    private readonly service: string,
  ) {}

  /**
   * Calls the service until it answers.
   *
   * @throws Error after the last attempt. The call may have taken effect
   */
  public async call<T, At extends Place>(
    at: At,
    request: (fault: PlannedFault<At> | undefined) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.world;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(at, request);
      } catch (error) {
        if (attempt === SDK_ATTEMPTS) throw error;
        await clock.sleep(SDK_BACKOFF_MS * 2 ** (attempt - 1));
      }
    }
  }

  private async attempt<T, At extends Place>(
    at: At,
    request: (fault: PlannedFault<At> | undefined) => Promise<T>,
  ): Promise<T> {
    const { plan, clock, beganAt } = this.world;
    if (plan.isDown(this.service, clock.now() - beganAt)) throw new Error(`${this.service} is not available`);
    const fault = plan.next(at);
    if (!fault) return request(undefined);
    plan.took(fault);
    const name: string = fault.fault;
    if (name === 'throttle' || name === 'error' || name === 'drop') throw new Error(`${this.service}: ${name}`);
    if (name === 'slow') await clock.sleep(fault.ms);
    const answer = await request(fault);
    if (name === 'unanswered') throw new Error(`${this.service} did not answer`);
    return answer;
  }
}
