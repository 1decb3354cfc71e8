import { recentInputs } from '../../../local/console/recent-inputs';
import type { TrackedRequest } from '../../../local/console/request-index';

const tracked = (requestKey: string, action = 'report') =>
  ({
    requestsTable: 'requests',
    eventsTable: 'events',
    item: { requestKey, action },
    transitions: [],
  }) as never as TrackedRequest;

const dynamo = {
  get: async (_table: string, key: { requestKey?: { S?: string } }) => {
    const text = key.requestKey?.S ?? '';
    return text === 'gone'
      ? undefined
      : {
          requestKey: text,
          status: 'PENDING',
          action: 'report',
          ...(text !== 'large' && { input: `{"of":"${text}"}` }),
        };
  },
};

test('inputs of frames come first, then those of stored requests, each once', async () => {
  const sources = {
    frames: { inputsOf: () => [{ n: 2 }, { n: 1 }, { n: 2 }] },
    requests: { all: () => [tracked('old'), tracked('gone'), tracked('large'), tracked('x', 'bake'), tracked('new')] },
    dynamo: dynamo as never,
  };

  expect(await recentInputs('report', sources)).toEqual({ inputs: [{ n: 2 }, { n: 1 }, { of: 'new' }, { of: 'old' }] });
});

test('tables are not read if the frames have enough inputs', async () => {
  const many = Array.from({ length: 20 }, (_, n) => n);
  const get = jest.fn();
  const sources = { frames: { inputsOf: () => many }, requests: { all: () => [tracked('a')] }, dynamo: { get } };

  expect((await recentInputs('report', sources)).inputs).toEqual(many.slice(0, 8));
  expect(get).not.toHaveBeenCalled();
});
