import { RemovalPolicy } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { maximalProps, minimalProps, synthesize } from '../support/apps';
import { resource } from '../support/readable';

/** Logical ids of `Streamer/<table>/Table` in any stack. */
const LOGICAL_IDS: { readonly [table: string]: string } = {
  Connections: 'StreamerConnectionsTable25104054',
  Requests: 'StreamerRequestsTable50350E1B',
  Subscriptions: 'StreamerSubscriptionsTable7F697D8E',
  Events: 'StreamerEventsTable603C7DEB',
};
const table = (id: string, template: Template) => resource(template, 'AWS::DynamoDB::GlobalTable', `${id}Table`);
const replica = (id: string, template: Template) => table(id, template).Properties.Replicas[0];

const minimal = synthesize(minimalProps());

describe.each(Object.keys(LOGICAL_IDS))('the table %s', (id) => {
  test('a table is kept with its stack, except after a first deployment that fails, and can be restored', () => {
    expect(table(id, minimal)).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(replica(id, minimal)).toMatchObject({
      DeletionProtectionEnabled: false,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test('with RemovalPolicy.DESTROY, a table is deleted with its stack and has no protection', () => {
    const template = synthesize({ ...minimalProps(), removalPolicy: RemovalPolicy.DESTROY });
    expect(table(id, template).DeletionPolicy).toBe('Delete');
    expect(replica(id, template).DeletionProtectionEnabled).toBe(false);
  });

  test('the protection and the recovery of a table are configurable', () => {
    const template = synthesize(maximalProps());
    expect(replica(id, template)).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
    });
  });

  test('a table keeps its logical id, because another id would mean a new, empty table', () => {
    expect(Object.keys(minimal.findResources('AWS::DynamoDB::GlobalTable'))).toContain(LOGICAL_IDS[id]);
  });
});
