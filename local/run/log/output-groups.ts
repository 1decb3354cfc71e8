import type { OutputOrigin } from '../../emulator/lambda';
import { isStackFrame } from './stack';

/** Lines of one output of a process: a first line, and the indented lines that belong to it. */
export interface OutputGroup {
  readonly functionName: string;
  readonly origin: OutputOrigin;
  readonly lines: readonly [string, ...string[]];
}

interface OpenGroup extends OutputGroup {
  readonly lines: [string, ...string[]];
}

/** Maximum number of lines of a group. Further lines begin another group. */
const MAX_LINES = 1000;

const CONTINUATION = /^(\s|[}\])])/;

/** Groups lines of a function's output that belong together, such as an error and its stack trace. */
export class OutputGroups {
  private readonly open = new Map<string, OpenGroup>();

  /**
   * @param emit receives each group once
   * @param defer schedules a callback that runs after all lines of the current read were processed
   */
  public constructor(
    private readonly emit: (group: OutputGroup) => void,
    private readonly defer: (callback: () => void) => void = setImmediate,
  ) {}

  public add(functionName: string, line: string, origin: OutputOrigin): void {
    const group = this.open.get(origin.stream);
    if (group && group.lines.length < MAX_LINES && (isStackFrame(line) || CONTINUATION.test(line))) {
      group.lines.push(line);
      return;
    }
    this.close(group);
    const opened: OpenGroup = { functionName, origin, lines: [line] };
    this.open.set(origin.stream, opened);
    this.defer(() => this.close(opened));
  }

  private close(group: OpenGroup | undefined): void {
    if (!group || this.open.get(group.origin.stream) !== group) return;
    this.open.delete(group.origin.stream);
    this.emit(group);
  }
}
