import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { StreamerApi, type StreamerApiProps } from '../../src';
import previous from './fixtures/previous-template.json';
import { maximalProps, minimalProps } from './support/apps';
import { losses, type Tables } from './support/replacements';

/**
 * The tables of a stack that an earlier version of this package deployed, and that a user now updates.
 *
 * No version was published yet, so the template may still change together with the tables, with an entry in CHANGELOG.md. Its last change replaced the index
 * `byTenant` of the requests by `byUser`.
 */
const before: Tables = previous.Resources;

function tablesOf(props: StreamerApiProps): Tables {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'StreamerMinimal');
  new StreamerApi(stack, 'Streamer', props);
  return Template.fromStack(stack).findResources('AWS::DynamoDB::GlobalTable') as never;
}

describe('an update of a deployed stack', () => {
  test('the deployed stack has four tables', () => {
    expect(Object.keys(before)).toHaveLength(4);
  });

  test.each<[what: string, props: () => StreamerApiProps]>([
    ['this version', minimalProps],
    ['this version, with every property changed', maximalProps],
    ['other handlers', () => ({ ...minimalProps(), handlers: { echo: minimalProps().handlers.echo } })],
    ['tables that may be deleted', () => ({ ...minimalProps(), removalPolicy: RemovalPolicy.DESTROY })],
  ])('an update of a deployed stack to %s keeps every table and its data', (_what, props) => {
    expect(losses(before, tablesOf(props()))).toEqual([]);
  });
});

describe('the comparison finds', () => {
  const [logicalId] = Object.keys(before).filter((id) => id.includes('Requests'));
  const { Properties } = before[logicalId];
  const [byUser, due] = Properties.GlobalSecondaryIndexes ?? [];
  const changed = (properties: Partial<Tables[string]['Properties']>): Tables => ({
    ...before,
    [logicalId]: { Properties: { ...Properties, ...properties } },
  });

  test.each<[what: string, after: Tables, loss: string]>([
    ['another key', changed({ KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }), 'KeySchema changes'],
    ['a name', changed({ TableName: 'requests' }), 'TableName changes'],
    ['a missing index', changed({ GlobalSecondaryIndexes: [due] }), 'the index byUser changes'],
    [
      'an index of other keys',
      changed({ GlobalSecondaryIndexes: [byUser, { ...due, KeySchema: [] }] }),
      'the index due changes',
    ],
    [
      'an attribute of another type',
      changed({ AttributeDefinitions: [{ AttributeName: 'requestKey', AttributeType: 'N' }] }),
      'the attribute requestKey changes',
    ],
    [
      'another view of the stream',
      changed({ StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }),
      'StreamSpecification changes',
    ],
  ])('the comparison finds: %s', (_what, after, loss) => {
    expect(losses(before, after)).toContain(`${logicalId}: ${loss}`);
  });

  test('the comparison finds another logical id', () => {
    const { [logicalId]: table, ...others } = before;
    expect(losses(before, { ...others, Renamed: table })).toEqual([`${logicalId} is gone`]);
  });

  test('the comparison finds no loss in a new index or another setting', () => {
    const added = { IndexName: 'new', KeySchema: [], Projection: {} };
    expect(losses(before, changed({ GlobalSecondaryIndexes: [byUser, due, added] }))).toEqual([]);
  });
});
