import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../emulator/http';
import type { BulkStep, RequestOperations } from '../operations';
import { Refusal } from './guard';
import type { DeadLetterCount, DeadLetterFilter, NamedRequest, RedriveView } from './types';

type Operations = Pick<RequestOperations, 'redriveAll'>;

/** Maximum number of requests that a count lists. */
const MAX_NAMED = 10;
/** Maximum number of problems that a view contains. The counts include all problems. */
const MAX_PROBLEMS = 50;

interface Job {
  view: RedriveView;
  readonly stop: AbortController;
}

/**
 * Redrives many dead letters of all APIs of the run. Only one redrive runs at a time. A redrive does not depend on an
 * open page: each page receives the state of the latest redrive.
 */
export class BulkRedrives {
  private job: Job | undefined;

  /** @param operations operations on each API of the run */
  public constructor(
    private readonly operations: () => readonly Operations[],
    private readonly now: () => number,
  ) {}

  /** The latest redrive; undefined if there was none. */
  public get view(): RedriveView | undefined {
    return this.job?.view;
  }

  /** Counts the dead letters that a redrive would select, and changes nothing. */
  public async count(filter: DeadLetterFilter, signal?: AbortSignal): Promise<DeadLetterCount> {
    const fixed = { ...filter, to: filter.to ?? this.now() };
    const named: NamedRequest[] = [];
    const onStep = ({ request }: BulkStep) => {
      if (named.length < MAX_NAMED) named.push(namedRequest(request));
    };
    let count = 0;
    for (const operations of this.operations()) {
      const options = { dryRun: true, onStep, signal };
      count += (await operations.redriveAll({ ...fixed, dead: true }, options)).selected;
    }
    return { count, requests: named, filter: fixed };
  }

  /** Starts a redrive and returns its state. @throws Refusal if another redrive has not ended */
  public start(filter: DeadLetterFilter): RedriveView {
    if (this.view && this.view.endedAt === undefined)
      throw new Refusal(409, 'another redrive is running: wait for its end, or stop it');
    const counts = { redriven: 0, skipped: 0, failed: 0, problems: [] };
    const startedAt = this.now();
    const fixed = { ...filter, to: filter.to ?? startedAt };
    const job: Job = {
      view: { id: randomUUID(), startedAt, filter: fixed, stopped: false, ...counts },
      stop: new AbortController(),
    };
    this.job = job;
    void this.run(job);
    return job.view;
  }

  /**
   * Stops a redrive. Changes that have already started are still completed. @throws Refusal if no redrive with this id
   * is running
   */
  public stop(id: string): RedriveView {
    const { job } = this;
    if (job?.view.id !== id || job.view.endedAt !== undefined)
      throw new Refusal(404, 'no redrive with this id is running');
    job.stop.abort();
    job.view = { ...job.view, stopped: true };
    return job.view;
  }

  /** Stops the current redrive, because the run ends. */
  public close(): void {
    this.job?.stop.abort();
  }

  /**
   * Redrives the requests of one API after the other. Failures of single requests are counted; any other error ends the
   * redrive.
   */
  private async run(job: Job): Promise<void> {
    const options = {
      signal: job.stop.signal,
      onStep: (step: BulkStep) => {
        job.view = withStep(job.view, step);
      },
    };
    try {
      for (const operations of this.operations())
        await operations.redriveAll({ ...job.view.filter, dead: true }, options);
    } catch (error) {
      job.view = { ...job.view, problem: (error as Error).message };
    }
    job.view = { ...job.view, endedAt: this.now() };
  }
}

const namedRequest = ({ requestKey: key, id, action, tenant, user }: BulkStep['request']): NamedRequest => ({
  key,
  id,
  action,
  tenant,
  user,
});

function withStep(view: RedriveView, { request, outcome, error }: BulkStep): RedriveView {
  if (outcome === 'changed') return { ...view, redriven: view.redriven + 1 };
  const problem = { ...namedRequest(request), outcome, reason: error?.message ?? 'no reason is known' };
  const problems = view.problems.length < MAX_PROBLEMS ? [...view.problems, problem] : view.problems;
  return { ...view, [outcome]: view[outcome] + 1, problems };
}

interface Rule {
  readonly text: string;
  holds(value: unknown): boolean;
}

const NAME: Rule = {
  text: 'a string that is not empty',
  holds: (value) => typeof value === 'string' && value !== '',
};
const TIME: Rule = {
  text: 'a time in milliseconds since the epoch',
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
};
const FLAG: Rule = { text: 'true or false', holds: (value) => typeof value === 'boolean' };

const RULES = new Map<string, Rule>(Object.entries({ dryRun: FLAG, action: NAME, tenant: NAME, from: TIME, to: TIME }));

/**
 * Reads the body of a redrive. An unknown property is refused. If a filter were ignored, the redrive would select more
 * requests than the caller intends.
 *
 * @throws Refusal
 */
export function parseRedriveAll(body: JsonObject): { dryRun: boolean; filter: DeadLetterFilter } {
  for (const [name, value] of Object.entries({ dryRun: undefined, ...body })) {
    const rule = RULES.get(name);
    if (!rule) throw new Refusal(400, `the body must have only ${[...RULES.keys()].join(', ')}, got: ${name}`);
    if (!rule.holds(value))
      throw new Refusal(400, `\`${name}\` must be ${rule.text}, got: ${JSON.stringify(value) ?? 'nothing'}`);
  }
  const { dryRun, ...filter } = body as unknown as DeadLetterFilter & { readonly dryRun: boolean };
  const { from = 0, to = Number.POSITIVE_INFINITY } = filter;
  if (from > to) throw new Refusal(400, `\`from\` must not be later than \`to\`, got: ${from} and ${to}`);
  return { dryRun, filter };
}
