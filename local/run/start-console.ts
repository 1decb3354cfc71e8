import { METADATA } from '../../src/contract';
import { type KnownQueue, type KnownTable, startConsole } from '../console';
import type { Assembly, Resource } from '../emulator/assembly';
import type { EntryPoint } from '../emulator/http';
import { apisOf } from '../operations/api-tables';
import type { RunContext } from './context';
import { actionsBehind } from './from-template/actions';
import { authKind } from './from-template/auth-kind';
import { list, object, text } from './from-template/properties';
import { shortNames } from './from-template/short-names';
import { TABLE_TYPES } from './from-template/tables';
import { PATHS } from './http/endpoints';
import type { Services } from './services';
import type { RunningFunctions } from './start-functions';
import type { RunningGateway } from './start-gateways';
import type { RunningSchedules } from './types';

interface RunningParts {
  readonly services: Services;
  readonly functions: RunningFunctions;
  readonly gateways: readonly RunningGateway[];
  readonly schedules: RunningSchedules;
}

/** Starts the console at its path of the run's server, unless the options disable it. */
export function startRunConsole(
  context: RunContext,
  entryPoint: EntryPoint,
  { services, functions, gateways, schedules }: RunningParts,
): void {
  const { recorder, assembly, clock, log, closers, warnings, kept } = context;
  if (!recorder) return;
  const { dynamodb, issuer } = services;
  const apis = apisOf(functions.functions.map(({ spec }) => spec.environment));
  const described = functions.functions.map(({ spec: { functionName }, resource: { metadata } }) => ({
    functionName,
    metadata,
  }));
  const tables = tablesOf(assembly);
  const console = startConsole({
    recorder,
    clock,
    log,
    state: kept?.state.slot('console'),
    dynamodbUrl: dynamodb.url,
    credentials: context.credentials.run,
    tables: tables.map(({ known }) => known),
    queues: queuesOf(assembly, services),
    apis: apis.flatMap((api) => {
      const table = tables.find(({ known }) => known.tableName === api.requestsTable);
      return table?.hasStream ? [{ ...api, stream: dynamodb.stream(table.resource.attribute('StreamArn')) }] : [];
    }),
    host: functions.host,
    schedules,
    inputExample: context.options.inputExample,
    gateways,
    run: {
      startedAt: recorder.startedAt,
      stacks: assembly.stacks.map(({ name }) => name),
      gateways: gateways.map(({ name, url, spec }) => ({
        name,
        url,
        auth: authKind(spec, assembly.resources),
        actions: actionsBehind(spec, described),
      })),
      tokenPath: issuer ? PATHS.token : undefined,
      functions: functions.functions.map(({ spec: { functionName }, name }) => ({ functionName, name })),
      warnings,
    },
  });
  closers.add('the console', () => console.close());
  entryPoint.mount(PATHS.console, 'own-pages', (req, res) => console.handleRequest(req, res));
}

interface FoundTable {
  readonly resource: Resource;
  readonly known: KnownTable;
  readonly hasStream: boolean;
}

function tablesOf({ resources }: Assembly): FoundTable[] {
  return resources
    .filter(({ type }) => TABLE_TYPES.has(type))
    .map((resource) => {
      const { KeySchema, AttributeDefinitions, StreamSpecification } = resource.properties();
      const types = new Map(
        list(AttributeDefinitions).map((definition) => {
          const { AttributeName, AttributeType } = object(definition);
          return [String(AttributeName), String(AttributeType)];
        }),
      );
      const keyOf = (keyType: string) => {
        const name = text(
          list(KeySchema)
            .map(object)
            .find((key) => key.KeyType === keyType)?.AttributeName,
        );
        return name === undefined ? undefined : { name, type: types.get(name) ?? 'S' };
      };
      const known = {
        tableName: resource.ref(),
        path: resource.path.replace(/\/Resource$/, ''),
        partitionKey: keyOf('HASH') ?? { name: '', type: 'S' },
        sortKey: keyOf('RANGE'),
      };
      return { resource, known, hasStream: StreamSpecification !== undefined };
    });
}

function queuesOf({ resources }: Assembly, { sqs }: Services): KnownQueue[] {
  const queues = resources.filter(({ type }) => type === 'AWS::SQS::Queue');
  const names = shortNames(queues.map(({ path }) => path));
  return queues.map((resource, i) => {
    const { action, deadLetters, priority } = object(resource.metadata(METADATA.queue));
    return {
      queue: sqs.queueByUrl(resource.ref()),
      name: names[i] ?? resource.path,
      action: text(action),
      deadLetters: deadLetters === true,
      priority: text(priority),
    };
  });
}
