/** Error for a schedule expression that EventBridge would refuse. */
export class ScheduleError extends Error {
  public override readonly name = 'ScheduleError';
}
