import {
  isBehind,
  type OrderedLog,
  passed,
  rebase,
  type Step,
  takeFrame,
  takeHeld,
  then,
} from '../../../../client-sdks/typescript/src/log/ordered-log';

interface Frame {
  readonly offset: number;
  readonly epoch?: string;
}
type State = OrderedLog<Frame>;

/** Fields of an ack, with the offsets of its entries. */
export interface Ack {
  readonly epoch: string;
  readonly offset: number;
  readonly entries?: readonly number[];
  readonly more?: boolean;
  readonly recovered?: boolean;
}

export interface Taken {
  readonly delivers: readonly number[];
  readonly startsOver: boolean;
}

const deliver = (state: State, frame: Frame): Step<State, number> => ({
  state: passed(state, frame),
  effects: [frame.offset],
});

/** The client's reader of a log. Its frames have an offset and no content. */
export class Reader {
  private state: State;

  constructor(start: number | null) {
    this.state = { epoch: undefined, offset: start ?? undefined, tail: 0, held: new Map(), asked: undefined };
  }

  get next(): number | undefined {
    return this.state.offset;
  }

  get isMissing(): boolean {
    return isBehind(this.state);
  }

  frame(frame: Frame): Taken {
    return this.take(takeFrame(this.state, frame, deliver), false);
  }

  /** Starts a read. @returns the offset and the epoch that the client requests */
  read(): { readonly offset: number | undefined; readonly epoch: string | undefined } {
    const { offset, epoch } = this.state;
    this.state = { ...this.state, asked: offset };
    return { offset, epoch };
  }

  ack({ entries = [], ...ack }: Ack): Taken {
    const frames = entries.map((offset): Frame => ({ offset, epoch: ack.epoch }));
    const { state, isOther } = rebase<Frame, State>(
      this.state,
      { ...ack, entries: frames },
      ({ epoch }) => epoch === ack.epoch,
    );
    const read = frames.reduce<Step<State, number>>(
      (step, frame) => then(step, (next) => takeFrame(next, frame, deliver)),
      { state, effects: [] },
    );
    return this.take(
      then(read, (next) => takeHeld(next, deliver)),
      isOther,
    );
  }

  private take({ state, effects }: Step<State, number>, startsOver: boolean): Taken {
    this.state = state;
    return { delivers: effects, startsOver };
  }
}
