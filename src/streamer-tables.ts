import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { IStreamerTables, StreamerTablesAttributes, StreamerTablesProps } from './options/streamer-tables-options';
import { resolveTableOptions } from './resolve-settings';
import { createTables } from './stores/tables';
import { TABLES_PROPS, validateTables, validateTablesProps } from './stores/validate-tables';
import { type PropNames, refuseUnknownProps } from './validation/rules';

const ATTRIBUTES: PropNames<StreamerTablesAttributes> = {
  connections: true,
  requests: true,
  subscriptions: true,
  events: true,
};

/** The four tables of an API, created separately from the API, for example in a stack that lives longer. */
export class StreamerTables extends Construct implements IStreamerTables {
  /**
   * Uses tables that you create or import. At the end of synthesis, Streamer checks the keys, indexes, stream and time to live of tables that this
   * app creates. `docs/deploying.md` lists the requirements.
   *
   * @param tables one table of each kind. An imported `requests` table needs its stream's ARN, and a table with a customer managed key needs that key
   */
  public static fromTables(tables: StreamerTablesAttributes): IStreamerTables {
    validateTables(tables);
    refuseUnknownProps(ATTRIBUTES, '', tables);
    return { ...tables };
  }

  /** Table with one item per connection. */
  public readonly connections: ITable;

  /** Table with one item per async request. */
  public readonly requests: ITable;

  /** Table with one item per viewer of a request, or per subscriber of a topic. */
  public readonly subscriptions: ITable;

  /** Table with the logs of requests and topics, and with the inputs and results of requests. */
  public readonly events: ITable;

  public constructor(scope: Construct, id: string, props: StreamerTablesProps = {}) {
    super(scope, id);
    validateTablesProps(props);
    refuseUnknownProps(TABLES_PROPS, '', props);
    const tables = createTables(this, resolveTableOptions(props));
    this.connections = tables.connections;
    this.requests = tables.requests;
    this.subscriptions = tables.subscriptions;
    this.events = tables.events;
  }
}
