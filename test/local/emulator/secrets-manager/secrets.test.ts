import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type ServedService, serveAlone } from '../../../../local/emulator/http';
import { generatePassword, type PasswordRules, SecretsService } from '../../../../local/emulator/secrets-manager';
import { FakeClock } from '../../../fakes/fake-clock';

/** Uses the SDK's client with the secrets of a run. */
const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-a1b2c3';
let secrets: SecretsService;
let server: ServedService;
let client: SecretsManagerClient;

beforeEach(async () => {
  secrets = new SecretsService({ log: () => undefined, clock: new FakeClock(1_700_000_000_000) });
  secrets.create({ name: 'key', arn: ARN, value: 'first', description: 'a key' });
  server = await serveAlone(secrets.api);
  client = new SecretsManagerClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

const get = (input: Partial<GetSecretValueCommandInput> = {}) =>
  client.send(new GetSecretValueCommand({ SecretId: 'key', ...input }));

test.each([
  ['name', 'key'],
  ['ARN', ARN],
  ['ARN without its last six characters', ARN.slice(0, -7)],
])('SECRET-01 a secret is found by its %s', async (_, SecretId) => {
  expect(await get({ SecretId })).toMatchObject({
    ARN,
    Name: 'key',
    SecretString: 'first',
    VersionStages: ['AWSCURRENT'],
    CreatedDate: new Date(1_700_000_000_000),
  });
});

test('SECRET-02 an unknown secret, version or stage is ResourceNotFoundException', async () => {
  const notFound = { name: 'ResourceNotFoundException' };
  await expect(get({ SecretId: 'other' })).rejects.toMatchObject(notFound);
  await expect(get({ VersionId: '00000000-0000-0000-0000-000000000000' })).rejects.toMatchObject(notFound);
  await expect(get({ VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject(notFound);
});

test('SECRET-03 a new value is the current one, and the previous one stays available', async () => {
  const { VersionId: before } = await get();
  await client.send(new PutSecretValueCommand({ SecretId: 'key', SecretString: 'second' }));

  expect((await get()).SecretString).toBe('second');
  expect((await get({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('first');
  expect(await get({ VersionId: before })).toMatchObject({ SecretString: 'first', VersionStages: ['AWSPREVIOUS'] });
  expect(secrets.value(ARN)).toBe('second');
});

test('SECRET-04 a description has names and versions, never the value', async () => {
  const { VersionId } = await get();
  const description = await client.send(new DescribeSecretCommand({ SecretId: 'key' }));

  expect(description).toMatchObject({
    ARN,
    Name: 'key',
    Description: 'a key',
    VersionIdsToStages: { [String(VersionId)]: ['AWSCURRENT'] },
  });
  expect(JSON.stringify(description)).not.toContain('first');
});

test('SECRET-05 other operations are refused', async () => {
  await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({ name: 'NotImplementedException' });
});

describe('SECRET-06 a generated secret', () => {
  /** Generates a password with a fixed sequence of numbers, which are evenly distributed. */
  const generate = (rules: PasswordRules = {}) => {
    let state = 1;
    return generatePassword(rules, (below) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    });
  };

  test('SECRET-06 a generated secret has 32 characters with one of each kind', () => {
    const password = generate();
    expect(password).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s]|_/]) expect(password).toMatch(kind);
    expect(password).not.toContain(' ');
  });

  test.each<[string, PasswordRules, RegExp]>([
    ['letters and digits only', { excludePunctuation: true, length: 200 }, /^[A-Za-z0-9]{200}$/],
    ['no letters', { excludeLowercase: true, excludeUppercase: true }, /^[^A-Za-z]{32}$/],
    ['no digits', { excludeNumbers: true, length: 300 }, /^\D{300}$/],
    ['excluded characters', { excludeCharacters: '"@/\\abc', length: 500 }, /^[^"@/\\abc]{500}$/],
    ['a space', { includeSpace: true }, / /],
    ['one kind of one character', { length: 1, requireEachIncludedType: false }, /^.$/],
  ])('SECRET-06 a generated secret follows its rules: %s', (_, rules, expected) => {
    expect(generate(rules)).toMatch(expected);
  });

  test.each<[string, PasswordRules]>([
    [
      'nothing to choose from',
      { excludeLowercase: true, excludeUppercase: true, excludeNumbers: true, excludePunctuation: true },
    ],
    ['more kinds than characters', { length: 3 }],
    ['no length', { length: 0 }],
  ])('SECRET-06 a generated secret is refused with %s', (_, rules) => {
    expect(() => generate(rules)).toThrow(RangeError);
  });
});
