import {
  type AccessCheck,
  type AwsService,
  CredentialBook,
  EntryPoint,
  Faults,
  type ServiceCall,
  type ServiceRequest,
  Signatures,
  signedHeaders,
} from '../../../../local/emulator/http';
import { type LogEvent, systemClock } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';

const book = new CredentialBook();
const service = {
  name: 'thing',
  maxBodyBytes: 10,
  actionOf: ({ url }: ServiceRequest) => `thing:${url.slice(1)}`,
  handle: jest.fn((request: ServiceRequest) => ({ status: 200, body: `${request.url} ${request.body}` })),
  refuse: ({ status, code, message }) => ({ status, body: `${code}: ${message}` }),
} satisfies AwsService;

const clock = new FakeClock();
const log: LogEvent[] = [];
let faults: Faults;
let allows: AccessCheck;
let entryPoint: EntryPoint;
let origin: string;

beforeEach(async () => {
  service.handle.mockClear();
  log.length = 0;
  faults = new Faults();
  allows = () => true;
  let ids = 0;
  entryPoint = new EntryPoint({
    log: (event) => log.push(event),
    verifier: new Signatures(book, systemClock),
    newId: () => `id-${++ids}`,
    clock,
    allows: (call) => allows(call),
    faultOf: (call) => faults.of(call),
  });
  entryPoint.mountService('/here', service);
  origin = `http://127.0.0.1:${await entryPoint.listen(0, '127.0.0.1')}`;
  entryPoint.open();
});

afterEach(() => entryPoint.close());

/** Sends a signed request. Returns the status, the request id and the body of the response. */
async function call(action: string, { body = 'body', credentials = book.run, name = 'thing' } = {}) {
  const url = `${origin}/here/${action}`;
  const headers = await signedHeaders(credentials, { url, service: name, body });
  const response = await fetch(url, { method: 'POST', headers, body });
  return {
    status: response.status,
    id: response.headers.get('x-amzn-requestid'),
    body: await response.text(),
  };
}

test('a service receives the path below its mount, the body and the caller, and its response has the request id', async () => {
  expect(await call('Do?x=1')).toEqual({ status: 200, id: 'id-1', body: '/Do?x=1 body' });
  expect(service.handle.mock.lastCall?.[0]).toMatchObject({
    id: 'id-1',
    method: 'POST',
    verdict: { valid: true, caller: { name: 'run' } },
  });
});

test('a request with an invalid signature is refused in the protocol of the service', async () => {
  const guess = { ...book.run, secretAccessKey: 'a guess' };
  expect(await call('Do', { credentials: guess })).toEqual({
    status: 403,
    id: 'id-1',
    body: expect.stringContaining('InvalidSignatureException: '),
  });
  expect(await call('Do', { name: 'other' })).toEqual({
    status: 403,
    id: 'id-2',
    body: expect.stringContaining('correct service'),
  });
  expect(service.handle).not.toHaveBeenCalled();
});

test('a body above the limit is refused', async () => {
  expect(await call('Do', { body: 'x'.repeat(10) })).toMatchObject({ status: 200, id: 'id-1' });
  expect(await call('Do', { body: 'x'.repeat(11) })).toEqual({
    status: 413,
    id: 'id-2',
    body: 'RequestEntityTooLargeException: The request is too large.',
  });
});

test('the access check decides by caller and action', async () => {
  const calls: ServiceCall[] = [];
  allows = async (each) => {
    calls.push(each);
    return each.action === 'thing:Read';
  };
  expect(await call('Read')).toMatchObject({ status: 200 });
  expect(await call('Write')).toEqual({
    status: 400,
    id: 'id-2',
    body: 'AccessDeniedException: User: run is not authorized to perform: thing:Write',
  });
  expect(calls).toMatchObject([
    { service: 'thing', action: 'thing:Read', caller: { name: 'run' } },
    { service: 'thing', action: 'thing:Write', caller: { name: 'run' } },
  ]);
  expect(service.handle).toHaveBeenCalledTimes(1);
});

test('the response to an error of a service does not contain the reason, but the log does', async () => {
  service.handle.mockImplementationOnce(() => {
    throw new Error('the reason');
  });
  expect(await call('Do')).toEqual({ status: 500, id: 'id-1', body: 'InternalFailure: Internal failure.' });
  expect(log).toMatchObject([
    { source: 'thing', message: 'thing:Do failed', detail: expect.stringContaining('the reason') as string },
  ]);
});

describe('faults', () => {
  test.each([
    [{ outcome: 'throttle' }, 400, 'ThrottlingException: Rate exceeded'],
    [{ outcome: 'error' }, 500, 'InternalFailure: Internal failure.'],
    [{ outcome: 'error', status: 503 }, 503, 'ServiceUnavailable: Internal failure.'],
  ] as const)('%j is an error of the service, as often as it was injected', async (fault, status, body) => {
    faults.inject('thing', fault, { times: 2 });
    expect(await call('Do')).toEqual({ status, id: 'id-1', body });
    expect(await call('Do')).toMatchObject({ status });
    expect(service.handle).not.toHaveBeenCalled();
    expect(await call('Do')).toMatchObject({ status: 200 });
  });

  test('a fault applies to its service and its action only, until it is removed', async () => {
    faults.inject('other', { outcome: 'throttle' });
    const remove = faults.inject('thing', { outcome: 'throttle' }, { action: 'thing:Write' });
    expect(await call('Read')).toMatchObject({ status: 200 });
    expect(await call('Write')).toMatchObject({ status: 400 });
    remove();
    expect(await call('Write')).toMatchObject({ status: 200 });
  });

  test('a dropped request does not reach the service; a dropped response does not reach the client', async () => {
    faults.inject('thing', { outcome: 'drop' }, { times: 1 });
    await expect(call('Do')).rejects.toThrow('fetch failed');
    expect(service.handle).not.toHaveBeenCalled();
    faults.inject('thing', { outcome: 'drop-response' }, { times: 1 });
    await expect(call('Do')).rejects.toThrow('fetch failed');
    expect(service.handle).toHaveBeenCalledTimes(1);
  });

  test('a delayed call is performed after the delay', async () => {
    faults.inject('thing', { delayMs: 1000 });
    const delayed = new Promise<void>((resolve) => {
      jest.spyOn(clock, 'setTimeout').mockImplementationOnce((fn, ms) => {
        resolve();
        return FakeClock.prototype.setTimeout.call(clock, fn, ms);
      });
    });
    const response = call('Do');
    await delayed;
    clock.advance(999);
    expect(service.handle).not.toHaveBeenCalled();
    clock.advance(1);
    expect(await response).toMatchObject({ status: 200 });
  });

  test('a request that is refused has no fault', async () => {
    faults.inject('thing', { outcome: 'throttle' }, { times: 1 });
    allows = () => false;
    await call('Do');
    allows = () => true;
    expect(await call('Do')).toMatchObject({ status: 400, id: 'id-2', body: 'ThrottlingException: Rate exceeded' });
  });
});
