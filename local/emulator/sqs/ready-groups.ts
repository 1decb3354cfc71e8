import type { StoredMessage } from './types';

/** The visible messages of a queue by message group. Each group is in the order of delivery. */
export class ReadyGroups {
  private readonly groups = new Map<string | undefined, StoredMessage[]>();
  private count = 0;

  public get size(): number {
    return this.count;
  }

  public add(message: StoredMessage): void {
    const group = this.groups.get(message.groupId) ?? [];
    if (group.length === 0) this.groups.set(message.groupId, group);
    group.splice(insertionIndex(group, message.order), 0, message);
    this.count++;
  }

  /** Returns the first message of each group. */
  public heads(): StoredMessage[] {
    return [...this.groups.values()].map((group) => group[0]);
  }

  public headOf(groupId: string | undefined): StoredMessage | undefined {
    return this.groups.get(groupId)?.[0];
  }

  public remove(message: StoredMessage): void {
    const group = this.groups.get(message.groupId);
    const index = group?.indexOf(message) ?? -1;
    if (!group || index < 0) return;
    group.splice(index, 1);
    this.count--;
    if (group.length === 0) this.groups.delete(message.groupId);
  }

  public all(): StoredMessage[] {
    return [...this.groups.values()].flat();
  }
}

/** Finds the position for a message. The search starts at the end, because new messages come last. */
function insertionIndex(group: readonly StoredMessage[], order: number): number {
  let index = group.length;
  while (index > 0 && group[index - 1].order > order) index--;
  return index;
}
