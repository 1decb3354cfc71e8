import { parseCommand, UsageError } from '../../../local/cli/arguments';

test.each([
  [[], { name: 'help' }],
  [['--help'], { name: 'help' }],
  [['dev', '-h'], { name: 'help' }],
  [['--version'], { name: 'version' }],
  [['dev'], { name: 'dev', options: { dynamodb: 'embedded', open: false, verbose: false, watch: true } }],
  [
    ['dev', 'out'],
    { name: 'dev', options: { assemblyDir: 'out', dynamodb: 'embedded', open: false, verbose: false, watch: true } },
  ],
  [
    ['dev', '--app', 'npx tsx app.ts', '--port', '0', '--pages=web', '--dynamodb', 'local', '--verbose'],
    {
      name: 'dev',
      options: {
        app: 'npx tsx app.ts',
        port: 0,
        pagesDir: 'web',
        dynamodb: 'local',
        open: false,
        verbose: true,
        watch: true,
      },
    },
  ],
  [
    ['dev', '--open', '--no-watch'],
    { name: 'dev', options: { dynamodb: 'embedded', open: true, verbose: false, watch: false } },
  ],
])('%j is understood', (args, command) => {
  expect(parseCommand(args)).toEqual(command);
});

test.each([
  [['start'], 'unknown command: start'],
  [['dev', '--nope'], "Unknown option '--nope'"],
  [['dev', '-x'], "Unknown option '-x'"],
  [['dev', 'a', 'b'], 'expected one assembly, got: a b'],
  [['dev', 'a', '--app', 'b'], 'give either an assembly or --app, not both'],
  [['dev', '--port', 'x'], '--port must be a whole number from 0 to 65535, got: x'],
  [['dev', '--port', '65536'], '--port must be a whole number from 0 to 65535, got: 65536'],
  [['dev', '--port', ''], '--port must be a whole number from 0 to 65535, got: '],
  [['dev', '--dynamodb', 'mysql'], '--dynamodb must be embedded or local, got: mysql'],
  [['dev', '--app'], "Option '--app <value>' argument missing"],
])('%j is refused', (args, message) => {
  expect(() => parseCommand(args)).toThrow(new UsageError(message));
});
