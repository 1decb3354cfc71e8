import { advance } from '../../../../client-sdks/typescript/src/request/request-machine';
import {
  knownRequest,
  newRequest,
  type RequestEffect,
  type RequestInput,
  type RequestState,
} from '../../../../client-sdks/typescript/src/request/request-state';
import type { RequestFrame } from '../../../../client-sdks/typescript/src/wire/messages';
import { DEFAULT_TIMING } from '../../../../client-sdks/typescript/src/wire/protocol';
import { ack, event, failure, marker, page, progress, result } from '../support/frames';

/** Passes inputs to one state machine, and returns the effects of each input. */
class Machine {
  constructor(public state: RequestState) {}

  input(input: RequestInput): RequestEffect[] {
    const { state, effects } = advance(this.state, input, DEFAULT_TIMING);
    this.state = state;
    return [...effects];
  }

  frame(frame: RequestFrame): RequestEffect[] {
    return this.input({ type: 'frame', frame });
  }

  timer(alive?: boolean): RequestEffect[] {
    return this.input({ type: 'timer', alive });
  }
}

const started = (): Machine => {
  const machine = new Machine(newRequest('r-1', 'report'));
  machine.input({ type: 'open' });
  return machine;
};
const accepted = (): Machine => {
  const machine = started();
  machine.frame(ack());
  machine.frame(marker(0, 1));
  return machine;
};
const resumed = (position: Parameters<typeof knownRequest>[2]): Machine => {
  const machine = new Machine(knownRequest('r-1', 'report', position));
  machine.input({ type: 'open' });
  return machine;
};

const attach = (offset: number, epoch: string | undefined = 'e-1') => ({ type: 'send-attach', offset, epoch });
const timer = (ms: number | undefined) => ({ type: 'timer', ms });
const reported = (effects: RequestEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'progress' ? [effect.progress.percentage] : []));

describe('A request that nothing answers', () => {
  test('A request without an answer is sent three times, at times that double up to the watch time', () => {
    const machine = new Machine(newRequest('r-1', 'report'));
    const times = [machine.input({ type: 'open' }), ...Array.from({ length: 4 }, () => machine.timer())];
    expect(times.map((effects) => effects.find((effect) => effect.type === 'timer'))).toEqual(
      [8_000, 16_000, 30_000, 30_000, 30_000].map(timer),
    );
    expect(times.map((effects) => effects.some(({ type }) => type === 'send-request'))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('A request without an answer fails only after the connection has shown that it works', () => {
    const machine = started();
    machine.timer();
    machine.timer(true);
    expect(machine.timer(false)).toContainEqual({ type: 'probe' });
    expect(machine.timer(true)).toContainEqual({
      type: 'settle',
      outcome: { ok: false, error: expect.objectContaining({ code: 'OUTCOME_UNKNOWN', retryable: true }) },
    });
  });

  test('A request without an answer starts to count again on a new connection', () => {
    const machine = started();
    for (let i = 0; i < 2; i++) machine.timer();
    machine.input({ type: 'lost' });
    machine.input({ type: 'open' });
    expect(machine.timer(true)).toContainEqual({ type: 'send-request' });
  });

  test('A throttled request is sent again after a growing delay, and the throttled message is not counted', () => {
    const machine = started();
    for (let delays = 0; delays < 5; delays++) {
      expect(machine.input({ type: 'throttled' })).toEqual([{ type: 'delay', delays }]);
      expect(machine.timer(true)).toEqual([{ type: 'send-request' }, timer(8_000)]);
    }
  });

  test('A request with an unknown outcome is sent again after a delay, never fails because of that, and accepts the answer', () => {
    const machine = started();
    const error = { code: 'OUTCOME_UNKNOWN', message: 'It may have run.', retryable: true };
    for (let delays = 0; delays < 10; delays++) {
      // The second answer belongs to an earlier copy.
      expect(machine.frame({ type: 'error', id: 'r-1', for: 'request', error })).toEqual([{ type: 'delay', delays }]);
      expect(machine.frame({ type: 'error', id: 'r-1', for: 'request', error })).toEqual([]);
      expect(machine.timer(true)).toEqual([{ type: 'send-request' }, timer(8_000)]);
    }
    expect(machine.frame(ack({ replayed: true } as never))).toEqual([timer(30_000)]);
  });

  test.each([
    'TOKEN_EXPIRED',
    'OUTCOME_UNKNOWN',
    'RATE_LIMITED',
    'CANCELLED',
  ])('A request fails with the error of its action, even if the code is %s', (code) => {
    const error = { code, message: 'Mine.', retryable: true };
    expect(started().frame({ type: 'error', id: 'r-1', for: 'request', ran: true, error })).toContainEqual({
      type: 'settle',
      outcome: { ok: false, error },
    });
  });

  test('The client probes the connection after the second unanswered message, not after the first', () => {
    const machine = started();
    expect(machine.timer()).not.toContainEqual({ type: 'probe' });
    expect(machine.timer()).toContainEqual({ type: 'probe' });
  });

  test('A request sends nothing while there is no connection', () => {
    const machine = started();
    expect(machine.input({ type: 'lost' })).toEqual([timer(undefined)]);
    expect(machine.timer()).toEqual([]);
  });

  test('A request without an answer starts with the first timeout again on a new connection', () => {
    const machine = started();
    machine.timer();
    machine.input({ type: 'lost' });
    expect(machine.input({ type: 'open' })).toEqual([{ type: 'send-request' }, timer(8_000)]);
  });

  test('A request also fails with a retryable refusal, because its caller decides', () => {
    const error = { code: 'RATE_LIMITED', message: 'Too many.', retryable: true };
    const effects = started().frame({ type: 'error', id: 'r-1', for: 'request', error });
    expect(effects).toContainEqual({ type: 'settle', outcome: { ok: false, error } });
  });
});

describe('A request that was sent twice', () => {
  const refused = (retryable: boolean) => {
    const machine = started();
    machine.timer();
    const error = { code: 'RATE_LIMITED', message: 'Too many.', retryable };
    return machine.frame({ type: 'error', id: 'r-1', for: 'request', error });
  };

  test('A request that was sent twice is sent again after a temporary refusal, because the other message may be stored', () => {
    expect(refused(true)).toEqual([{ type: 'delay', delays: 0 }]);
  });

  test('A request that was sent twice fails after a permanent refusal, with a hint that it may be running', () => {
    expect(refused(false)).toContainEqual({
      type: 'settle',
      outcome: {
        ok: false,
        error: expect.objectContaining({ message: expect.stringContaining('sent earlier may run') }),
      },
    });
  });
});

describe('An attach', () => {
  test('An attach that is refused temporarily is repeated after the time that the server names', () => {
    const machine = resumed({});
    const error = { code: 'RATE_LIMITED', message: 'Too many.', retryable: true, retryAfter: 7 };
    expect(machine.frame({ type: 'error', id: 'r-1', for: 'attach', error })).toEqual([
      { type: 'delay', delays: 0, seconds: 7 },
    ]);
    expect(machine.timer()[0]).toEqual({ type: 'send-attach', offset: 0, epoch: undefined });
  });

  test('An attach that is refused temporarily without a time is repeated with backoff', () => {
    const machine = resumed({});
    const error = { code: 'INTERNAL', message: 'Failed.', retryable: true };
    const refusal = { type: 'error', id: 'r-1', for: 'attach', error } as const;
    expect(machine.frame(refusal)).toEqual([{ type: 'delay', delays: 0 }]);
    machine.timer();
    expect(machine.frame(refusal)).toEqual([{ type: 'delay', delays: 1 }]);
  });

  test('An error that does not name the type of the refused message does not refuse an attach', () => {
    const error = { code: 'NOT_FOUND', message: 'No such request.', retryable: false };
    expect(resumed({}).frame({ type: 'error', id: 'r-1', error })).toEqual([]);
  });

  test('An attach that is refused permanently ends the request', () => {
    const error = { code: 'NOT_FOUND', message: 'No such request.', retryable: false };
    const effects = resumed({}).frame({ type: 'error', id: 'r-1', for: 'attach', error });
    expect(effects).toContainEqual({ type: 'settle', outcome: { ok: false, error } });
  });

  test('A late refusal of an attach that was already answered changes nothing', () => {
    const machine = accepted();
    const error = { code: 'NOT_FOUND', message: 'No such request.', retryable: false };
    expect(machine.frame({ type: 'error', id: 'r-1', for: 'attach', error })).toEqual([]);
  });

  test('An attach that cannot fill a gap is repeated later, but not for each further frame', () => {
    const machine = accepted();
    expect(machine.frame(progress({ afterOffset: 5 }))).toContainEqual(attach(1));
    expect(machine.frame(page([], { offset: 1 }))).toEqual([timer(8_000)]);
    expect(machine.frame(progress({ afterOffset: 5, seq: 1, percentage: 1 }))).toEqual([
      expect.objectContaining({ type: 'progress' }),
    ]);
    expect(machine.timer()[0]).toEqual(attach(1));
  });

  test('An attach waits for its own timeout while other frames arrive', () => {
    const machine = accepted();
    machine.frame(event(2));
    expect(machine.frame(event(3))).toEqual([]);
    expect(machine.timer()[0]).toEqual(attach(1));
  });
});

describe('A remembered position', () => {
  test('With a stored position after the end, the client reads the last entry again', () => {
    const machine = resumed({ offset: 3, epoch: 'e-1' });
    expect(machine.frame(ack({ status: 'COMPLETED', offset: 3, recovered: true }))[0]).toEqual(attach(2));
    const effects = machine.frame(page([result(2)], { status: 'COMPLETED' }));
    expect(effects).toContainEqual({ type: 'settle', outcome: { ok: true, result: 'done' } });
  });

  test('If the end is not written yet, the client attaches again at growing intervals', () => {
    const machine = resumed({ offset: 3, epoch: 'e-1' });
    const answer = page([event(2)], { status: 'COMPLETED' });
    machine.frame(ack({ status: 'COMPLETED', offset: 3, recovered: true }));
    expect(machine.frame(answer)).toEqual([timer(16_000)]);
    expect(machine.timer()[0]).toEqual(attach(2));
    expect(machine.frame(answer)).toEqual([timer(30_000)]);
  });

  test('A stored percentage is kept for the first attempt that the client sees', () => {
    const machine = resumed({ offset: 1, epoch: 'e-1', percentage: 50 });
    const answer = page([], { offset: 1, progress: progress({ attempt: 3, afterOffset: 1, percentage: 45 }) });
    expect(reported(machine.frame(answer))).toEqual([50]);
  });

  test('A stored percentage is dropped for a later attempt than the stored one', () => {
    const machine = resumed({ offset: 1, epoch: 'e-1', percentage: 50, attempt: 2, fence: 2 });
    const answer = page([], { offset: 1, progress: progress({ attempt: 3, afterOffset: 1, percentage: 5 }) });
    expect(reported(machine.frame(answer))).toEqual([5]);
  });
});

describe('Another log', () => {
  test('If the answer to an attach belongs to another log, the client starts over and reports it', () => {
    const machine = accepted();
    machine.input({ type: 'lost' });
    machine.input({ type: 'open' });
    const effects = machine.frame(page([marker(0, 1), event(1)], { epoch: 'e-2', recovered: false }));
    expect(effects.map(({ type }) => type)).toEqual(['reset', 'event', 'timer']);
    expect(machine.state).toMatchObject({ epoch: 'e-2', offset: 2 });
  });

  test('If an unexpected ack belongs to another log, the client attaches instead of starting over', () => {
    const machine = accepted();
    expect(machine.frame(ack({ epoch: 'e-0' }))[0]).toEqual(attach(1));
    expect(machine.state.epoch).toBe('e-1');
  });

  test('If a part of the log has expired, the client does not assume another log', () => {
    const machine = resumed({ offset: 2, epoch: 'e-1' });
    const answer = page([event(9), event(10)], { recovered: false });
    expect(machine.frame(answer).map(({ type }) => type)).toEqual(['reset', 'event', 'event', 'timer']);
    expect(machine.frame(answer)).toEqual([timer(30_000)]);
  });
});

describe('The end of a run', () => {
  test('After the end of a run, the position is at the terminal entry, so that an attach finds it again', () => {
    const machine = accepted();
    machine.frame(result(1));
    expect(machine.state).toMatchObject({ offset: 1, status: 'COMPLETED', percentage: 100, settled: true });
  });

  test('A terminal entry that came too early is held until all entries before it were delivered', () => {
    const machine = accepted();
    expect(machine.frame(result(2))).not.toContainEqual(expect.objectContaining({ type: 'settle' }));
    expect(machine.frame(event(1)).map(({ type }) => type)).toEqual(['event', 'timer', 'settle']);
  });

  test('A terminal entry with the code CANCELLED is a cancellation', () => {
    const machine = accepted();
    machine.frame(failure(1, 1, 'CANCELLED'));
    expect(machine.state.status).toBe('CANCELLED');
  });

  test('The terminal entry of an earlier run does not end the request', () => {
    const machine = accepted();
    machine.frame(page([failure(1), marker(2, 1, 2, 2)], { run: 2 }));
    expect(machine.state).toMatchObject({ settled: false, offset: 3, run: 2, attempt: 1, fence: 2 });
  });
});

test('Progress of a new attempt that overtakes its marker starts over, and the marker does not do so again', () => {
  const machine = accepted();
  expect(reported(machine.frame(progress({ percentage: 80, afterOffset: 1 })))).toEqual([80]);
  expect(reported(machine.frame(progress({ attempt: 2, percentage: 10, afterOffset: 2 })))).toEqual([10]);
  machine.frame(page([marker(1, 2)]));
  expect(machine.state).toMatchObject({ attempt: 2, percentage: 10 });
});

test('The first attempt of a new run starts over, although the attempts of the earlier run have higher numbers', () => {
  const machine = accepted();
  machine.frame(progress({ attempt: 3, percentage: 80, afterOffset: 1 }));
  const later = progress({ run: 2, attempt: 1, fence: 4, percentage: 10, afterOffset: 1 });
  expect(reported(machine.frame(later))).toEqual([10]);
  expect(reported(machine.frame(progress({ attempt: 3, seq: 1, percentage: 90, afterOffset: 1 })))).toEqual([]);
  expect(machine.state).toMatchObject({ attempt: 1, fence: 4, percentage: 10 });
});

test('Progress without a percentage repeats the last one', () => {
  const machine = accepted();
  machine.frame(progress({ percentage: 30, afterOffset: 1 }));
  expect(reported(machine.frame(progress({ seq: 1, message: 'still', afterOffset: 1 })))).toEqual([30]);
});

describe('Progress', () => {
  test('Progress is not delivered again, neither from a frame nor from an answer', () => {
    const machine = accepted();
    const last = progress({ afterOffset: 1, percentage: 30, seq: 4 });
    expect(reported(machine.frame(last))).toEqual([30]);
    expect(reported(machine.frame(last))).toEqual([]);
    expect(reported(machine.frame(page([], { offset: 1, progress: last })))).toEqual([]);
    expect(reported(machine.frame(page([result(1)], { status: 'COMPLETED', progress: last })))).toEqual([]);
  });

  test('If an answer contains the end, its progress is delivered before the end', () => {
    const last = progress({ afterOffset: 2, percentage: 90, seq: 9 });
    const effects = accepted().frame(page([event(1), result(2)], { status: 'COMPLETED', progress: last }));
    expect(effects.map(({ type }) => type)).toEqual(['event', 'progress', 'timer', 'settle']);
  });

  test("If the request continues, the progress of an answer is delivered after the answer's entries", () => {
    const last = progress({ afterOffset: 2, percentage: 90, seq: 9 });
    const effects = accepted().frame(page([event(1)], { progress: last }));
    expect(effects.map(({ type }) => type)).toEqual(['event', 'progress', 'timer']);
  });
});

describe('a late viewer', () => {
  const late = (position: Parameters<typeof knownRequest>[2] = {}): Machine =>
    new Machine(knownRequest('r-1', 'report', position, true));
  const snapshot = { offset: 3, run: 1, attempt: 2, fence: 2, data: 'state' };
  const isShown = ({ type }: RequestEffect) => ['snapshot', 'event', 'reset', 'progress'].includes(type);

  test('a late viewer attaches without an offset, again after each lost connection, until it has the answer', () => {
    const machine = late();
    expect(machine.input({ type: 'open' })).toContainEqual({
      type: 'send-attach',
      offset: undefined,
      epoch: undefined,
    });
    machine.input({ type: 'lost' });
    expect(machine.input({ type: 'open' })).toContainEqual({
      type: 'send-attach',
      offset: undefined,
      epoch: undefined,
    });
    machine.frame(page([event(3, 'three', 2)], { snapshot }));
    machine.input({ type: 'lost' });
    expect(machine.input({ type: 'open' })).toContainEqual(attach(4));
  });

  test('the epoch of a log that no longer exists does not reset the snapshot that was just delivered', () => {
    const machine = late({ epoch: 'e-0' });
    machine.input({ type: 'open' });
    const effects = machine.frame(page([event(3, 'three', 2)], { snapshot, recovered: false })).filter(isShown);

    expect(effects.map(({ type }) => type)).toEqual(['snapshot', 'event']);
    expect(machine.state).toMatchObject({ epoch: 'e-1', offset: 4, attempt: 2, fence: 2 });
  });

  test('an end that overtakes the answer is delivered after the snapshot', () => {
    const machine = late();
    machine.input({ type: 'open' });
    expect(machine.frame(result(4)).filter(isShown)).toEqual([]);
    const effects = machine.frame(page([event(3, 'three', 2)], { snapshot, status: 'RUNNING' }));

    expect(effects.filter((effect) => isShown(effect) || effect.type === 'settle').map(({ type }) => type)).toEqual([
      'snapshot',
      'event',
      'settle',
    ]);
  });

  test('a snapshot in a later answer is ignored', () => {
    const machine = late();
    machine.input({ type: 'open' });
    machine.frame(page([event(3, 'three', 2)], { snapshot }));
    const effects = machine.frame(page([event(4, 'four', 2)], { snapshot: { ...snapshot, offset: 4 } }));

    expect(effects.filter(isShown).map(({ type }) => type)).toEqual(['event']);
  });

  test('a viewer with an offset is not late', () => {
    const machine = late({ offset: 0 });
    expect(machine.input({ type: 'open' })).toContainEqual({ type: 'send-attach', offset: 0, epoch: undefined });
  });
});
