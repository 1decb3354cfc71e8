import type { AttributeValue, Item, KeySchema, TableDescription } from '../engine/model';

/** A parsed request. It contains the caller's fields, and parsed expressions in fields that begin with `_`. */
// biome-ignore lint/suspicious/noExplicitAny: a RequestSchema describes the fields, and it has no static type
export type ParsedRequest = Record<string, any>;

/** Type and constraints of one field, in dynalite's notation. */
export interface FieldSchema {
  type: string;
  children?: FieldSchema | string | Record<string, FieldSchema | string>;
  notNull?: boolean;
  enum?: string[];
  regex?: string;
  lengthGreaterThanOrEqual?: number;
  lengthLessThanOrEqual?: number;
  [constraint: string]: unknown;
}

export type FieldSchemas = Record<string, FieldSchema | string>;

/** Schema of an operation's input. `custom` returns the message of a ValidationException, or undefined. */
export interface RequestSchema {
  types: FieldSchemas;
  custom?: (data: ParsedRequest, store: { options: { maxItemSize: number } }) => string | undefined | null;
}

/** Part of a condition: another condition, a document path (array), or a literal. */
export type Operand = (string | number)[] | AttributeValue | Expression;
export interface Expression {
  type: string;
  name?: string;
  args: Operand[];
}

export interface ParsedExpression {
  expression: Expression;
  nestedPaths: Record<string, boolean>;
  pathHeads: Record<string, boolean>;
}

type Callback<T> = (error: Error | null, value?: T) => void;

/** The store that dynalite's actions use. */
export interface ActionStore {
  options: { maxItemSize: number };
  getTable(name: string, done: Callback<TableDescription>): void;
  getItemDb(name: string): Partial<ActionDb>;
  getIndexDb(type: string, table: string, index: string): Partial<ActionDb>;
}

export interface ActionDb {
  lock(key: string, run: (release: <T>(done: T) => T) => void): void;
  get(key: string, done: Callback<Item>): void;
  put(key: string, item: Item, done: Callback<void>): void;
  del(key: string, done: Callback<void>): void;
  createValueStream(range: KeyRange): NodeJS.EventEmitter;
}

export interface KeyRange {
  gt?: string;
  gte?: string;
  lt?: string;
  lte?: string;
  reverse?: boolean;
  /** Maximum number of items. A negative number means no limit. */
  limit?: number;
}

export type DynaliteAction = (store: ActionStore, data: ParsedRequest, done: Callback<ParsedRequest>) => void;

export interface DynaliteDb {
  validateKey(key: Item, table: TableDescription, keySchema?: KeySchema): Error | undefined;
  validateItem(item: Item, table: TableDescription): Error | undefined;
  validateKeyPaths(paths: Record<string, boolean> | undefined, table: TableDescription): Error | undefined;
  createKey(item: Item, table: TableDescription, keySchema?: KeySchema): string;
  createIndexKey(item: Item, table: TableDescription, keySchema: KeySchema): string;
  toLexiStr(value: string, type: string): string;
  checkConditional(data: ParsedRequest, item: Item | undefined): Error | null | undefined;
  mapPaths(paths: unknown[], item: Item): Item;
}

export interface DynaliteValidations {
  checkTypes(data: ParsedRequest, types: FieldSchemas): ParsedRequest;
  checkValidations(
    data: ParsedRequest,
    types: FieldSchemas,
    custom: RequestSchema['custom'],
    store: { options: { maxItemSize: number } },
  ): void;
}
