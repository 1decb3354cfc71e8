import { readCommandLine, UsageError } from '../../../local/cli/arguments';
import { COMMANDS } from '../../../local/cli/commands';

const read = (args: string[]) => readCommandLine(args, COMMANDS);

test.each([
  [[], undefined],
  [['--help'], undefined],
  [['-h'], undefined],
  [['help'], undefined],
  [['dev', '-h'], 'dev'],
  [['dev', 'out', '--help'], 'dev'],
  [['help', 'dev'], 'dev'],
])('%j asks for help', (args, command) => {
  const request = read(args);
  expect(request.kind).toBe('help');
  expect((request as { command?: { name: string } }).command?.name).toBe(command);
});

test('--version asks for the version', () => {
  expect(read(['--version'])).toEqual({ kind: 'version' });
});

test.each([
  [['dev'], { dynamodb: 'embedded', open: false, verbose: false, watch: true }],
  [['dev', '--open', '--no-watch'], { open: true, watch: false }],
  [['dev', '--chaos', 'calm', '--seed', '7'], { chaos: { seed: 7, profile: { description: 'no faults', rules: [] } } }],
  [['dev', '--chaos', 'calm'], { chaos: { seed: expect.any(Number) } }],
  [['dev', 'out'], { assemblyDir: 'out', dynamodb: 'embedded', verbose: false }],
  [
    ['dev', '--app', 'npx tsx app.ts', '--port', '0', '--pages=web', '--dynamodb', 'local', '--verbose'],
    { app: 'npx tsx app.ts', port: 0, pagesDir: 'web', dynamodb: 'local', verbose: true },
  ],
])('%j is understood', (args, options) => {
  expect(read(args)).toMatchObject({ kind: 'run', command: { name: args[0] }, options });
});

test.each([
  [['init'], { folder: undefined }],
  [['request', 'echo'], { action: 'echo', follow: { json: false } }],
  [
    ['request', 'echo', '-', '--id=r1', '--timeout', '5', '--json', '--user', 'ann', '--tenant', 't'],
    { action: 'echo', input: '-', id: 'r1', follow: { json: true, timeoutMs: 5000, user: 'ann', tenant: 't' } },
  ],
  [
    ['attach', 'r1', '--url', 'wss://a', '--token', 't'],
    { id: 'r1', follow: { url: 'wss://a', token: 't', json: false } },
  ],
  [['token', '--expires', '60'], { expiresInSeconds: 60 }],
  [['doctor', '--no-synth'], { synth: false }],
])('%j is understood', (args, options) => {
  expect(read(args)).toMatchObject({ kind: 'run', command: { name: args[0] }, options });
});

test.each([
  [['start'], 'unknown command: start (there are init, dev'],
  [['--verbose', 'dev'], 'expected a command first, got: --verbose'],
  [['dev', '--nope'], "Unknown option '--nope'"],
  [['dev', '--chaos', 'nope'], 'there is no chaos profile "nope". The profiles are:\n  calm: no faults\n  network: '],
  [['dev', '--seed', '1'], '--seed needs --chaos'],
  [['dev', '--chaos', 'network', '--seed', 'x'], '--seed must be a whole number from 0 to 4294967295, got: x'],
  [['dev', '-x'], "Unknown option '-x'"],
  [['dev', 'a', 'b'], 'expected one assembly, got: a b'],
  [['dev', 'a', '--app', 'b'], 'give either an assembly or --app, not both'],
  [['dev', '--port', 'x'], '--port must be a whole number from 0 to 65535, got: x'],
  [['dev', '--port', '65536'], '--port must be a whole number from 0 to 65535, got: 65536'],
  [['dev', '--port', ''], '--port must be a whole number from 0 to 65535, got: '],
  [['dev', '--dynamodb', 'mysql'], '--dynamodb must be embedded or local, got: mysql'],
  [['dev', '--app'], "Option '--app <value>' argument missing"],
  [['init', 'a', 'b'], 'expected one folder, got: a b'],
  [['request'], 'expected an action: npx cdk-streamer request <action> [json]'],
  [['request', 'echo', '{', 'x'], 'expected one input, got more: x (quote the JSON)'],
  [['request', 'echo', '{}', '--example'], '--example cannot be given with an input'],
  [['request', 'echo', '--timeout', 'soon'], '--timeout must be a whole number from 1 to 2147483, got: soon'],
  [['attach'], 'expected one id: npx cdk-streamer attach <id>'],
  [['attach', 'a', 'b'], 'expected one id: npx cdk-streamer attach <id>'],
  [['token', 'x'], 'expected options only, got: x'],
  [['token', '--expires', '0'], '--expires must be a whole number from 1 to 86400, got: 0'],
  [['doctor', 'x'], 'expected options only, got: x'],
])('%j is refused', (args, message) => {
  expect(() => read(args)).toThrow(UsageError);
  expect(() => read(args)).toThrow(message);
});
